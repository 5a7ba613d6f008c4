# SPDX-License-Identifier: Apache-2.0
"""Turns the numpy parts into a Blender scene: meshes, strands, materials, lights and camera.

Blender 3.4 (Debian 12). One Blender unit is one centimetre; the camera looks along -z with y up, so
the face model's axes are used as they are.
"""
import os

import bpy
import numpy as np
from mathutils import Vector

# --------------------------------------------------------------------------- meshes and strands


def add_mesh(name, verts, faces, material, smooth=True):
    """A mesh object from vertices [n][3] and faces (index tuples or an array)."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(np.asarray(verts).tolist(), [], [tuple(f) for f in list(faces)])
    mesh.polygons.foreach_set("use_smooth", np.full(len(mesh.polygons), smooth))
    mesh.update()
    if material:
        mesh.materials.append(material)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def subdivide(obj, levels):
    """Replace an object's mesh by its Catmull-Clark subdivision; returns vertices, normals."""
    mod = obj.modifiers.new("s", "SUBSURF")
    mod.levels = mod.render_levels = levels
    graph = bpy.context.evaluated_depsgraph_get()
    mesh = bpy.data.meshes.new_from_object(obj.evaluated_get(graph), depsgraph=graph)
    obj.modifiers.clear()
    obj.data = mesh
    n = len(mesh.vertices)
    co, no = np.empty(n * 3, np.float32), np.empty(n * 3, np.float32)
    mesh.vertices.foreach_get("co", co)
    mesh.vertices.foreach_get("normal", no)
    return co.reshape(-1, 3).astype(float), no.reshape(-1, 3).astype(float)


def move_verts(obj, verts):
    obj.data.vertices.foreach_set("co", np.asarray(verts, np.float32).ravel())
    obj.data.update()


def set_colour(mesh, name, rgb):
    data = np.ones((len(mesh.vertices), 4), np.float32)
    data[:, :3] = rgb
    mesh.attributes.new(name, "FLOAT_COLOR", "POINT").data.foreach_set("color", data.ravel())


def set_float(mesh, name, value):
    data = np.asarray(value, np.float32)
    mesh.attributes.new(name, "FLOAT", "POINT").data.foreach_set("value", data)


def add_strands(name, groom, material):
    """Strands as Cycles curves: a mesh of polylines that geometry nodes turn into hair."""
    points = groom["points"]
    s, k, _ = points.shape
    at = np.arange(s * k).reshape(s, k)
    edges = np.stack([at[:, :-1], at[:, 1:]], -1).reshape(-1, 2)
    mesh = bpy.data.meshes.new(name + "_lines")
    mesh.vertices.add(s * k)
    mesh.vertices.foreach_set("co", points.astype(np.float32).ravel())
    mesh.edges.add(len(edges))
    mesh.edges.foreach_set("vertices", edges.astype(np.int32).ravel())
    set_float(mesh, "thick", groom["radius"].ravel())
    set_colour(mesh, "tint", np.repeat(groom["tint"], k, 0))
    lines = bpy.data.objects.new(name + "_lines", mesh)
    bpy.context.scene.collection.objects.link(lines)
    lines.hide_render = True

    tree = bpy.data.node_groups.new(name, "GeometryNodeTree")
    tree.inputs.new("NodeSocketGeometry", "Geometry")
    tree.outputs.new("NodeSocketGeometry", "Geometry")
    make, link = tree.nodes.new, tree.links.new
    source = make("GeometryNodeObjectInfo")
    source.inputs["Object"].default_value = lines
    curve = make("GeometryNodeMeshToCurve")
    thick = make("GeometryNodeInputNamedAttribute")
    thick.data_type = "FLOAT"
    thick.inputs["Name"].default_value = "thick"
    radius = make("GeometryNodeSetCurveRadius")
    paint = make("GeometryNodeSetMaterial")
    paint.inputs["Material"].default_value = material
    out = make("NodeGroupOutput")
    link(source.outputs["Geometry"], curve.inputs["Mesh"])
    link(curve.outputs["Curve"], radius.inputs["Curve"])
    attribute = next(o for o in thick.outputs if o.enabled and o.type == "VALUE")
    link(attribute, radius.inputs["Radius"])
    link(radius.outputs["Curve"], paint.inputs["Geometry"])
    link(paint.outputs["Geometry"], out.inputs[0])

    hair = bpy.data.hair_curves.new(name)
    hair.materials.append(material)
    obj = bpy.data.objects.new(name, hair)
    bpy.context.scene.collection.objects.link(obj)
    obj.modifiers.new("grow", "NODES").node_group = tree
    return obj


# --------------------------------------------------------------------------- materials


def _material(name):
    mat = bpy.data.materials.new(name)
    mat.use_nodes = True
    nodes, links = mat.node_tree.nodes, mat.node_tree.links
    nodes.clear()
    return mat, nodes, links, nodes.new("ShaderNodeOutputMaterial")


def _attribute(nodes, name):
    node = nodes.new("ShaderNodeAttribute")
    node.attribute_name = name
    return node


def skin_material():
    mat, nodes, links, out = _material("skin")
    bsdf = nodes.new("ShaderNodeBsdfPrincipled")
    bsdf.subsurface_method = "RANDOM_WALK"
    colour = _attribute(nodes, "colour")
    links.new(colour.outputs["Color"], bsdf.inputs["Base Color"])
    links.new(colour.outputs["Color"], bsdf.inputs["Subsurface Color"])
    links.new(_attribute(nodes, "rough").outputs["Fac"], bsdf.inputs["Roughness"])
    links.new(_attribute(nodes, "scatter").outputs["Fac"], bsdf.inputs["Subsurface"])
    bsdf.inputs["Subsurface Radius"].default_value = (0.42, 0.16, 0.09)
    bsdf.inputs["Specular"].default_value = 0.42
    links.new(bsdf.outputs[0], out.inputs[0])
    return mat


def plain_material(name, attribute, roughness, specular=0.5, subsurface=0.0):
    mat, nodes, links, out = _material(name)
    bsdf = nodes.new("ShaderNodeBsdfPrincipled")
    links.new(_attribute(nodes, attribute).outputs["Color"], bsdf.inputs["Base Color"])
    links.new(_attribute(nodes, attribute).outputs["Color"], bsdf.inputs["Subsurface Color"])
    bsdf.inputs["Roughness"].default_value = roughness
    bsdf.inputs["Specular"].default_value = specular
    bsdf.inputs["Subsurface"].default_value = subsurface
    bsdf.inputs["Subsurface Radius"].default_value = (0.2, 0.1, 0.07)
    links.new(bsdf.outputs[0], out.inputs[0])
    return mat


def film_material(name, roughness, ior=1.38):
    """A clear wet film: reflects, does not refract, casts no shadow."""
    mat, nodes, links, out = _material(name)
    fresnel = nodes.new("ShaderNodeFresnel")
    fresnel.inputs["IOR"].default_value = ior
    gloss = nodes.new("ShaderNodeBsdfGlossy")
    gloss.inputs["Roughness"].default_value = roughness
    clear = nodes.new("ShaderNodeBsdfTransparent")
    mix = nodes.new("ShaderNodeMixShader")
    links.new(fresnel.outputs[0], mix.inputs[0])
    links.new(clear.outputs[0], mix.inputs[1])
    links.new(gloss.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], out.inputs[0])
    return mat


def hair_material(name, colour, roughness=0.32, radial=0.45):
    mat, nodes, links, out = _material(name)
    bsdf = nodes.new("ShaderNodeBsdfHairPrincipled")
    bsdf.parametrization = "COLOR"
    tint = nodes.new("ShaderNodeMixRGB")
    tint.blend_type = "MULTIPLY"
    tint.inputs["Fac"].default_value = 1
    tint.inputs["Color1"].default_value = (*colour, 1)
    links.new(_attribute(nodes, "tint").outputs["Color"], tint.inputs["Color2"])
    links.new(tint.outputs["Color"], bsdf.inputs["Color"])
    bsdf.inputs["Roughness"].default_value = roughness
    bsdf.inputs["Radial Roughness"].default_value = radial
    bsdf.inputs["Random Roughness"].default_value = 0.2
    links.new(bsdf.outputs[0], out.inputs[0])
    return mat


def bristle_material(name, colour):
    """Short dark hairs: cheaper and less noisy than the full hair model."""
    mat, nodes, links, out = _material(name)
    tint = nodes.new("ShaderNodeMixRGB")
    tint.blend_type = "MULTIPLY"
    tint.inputs["Fac"].default_value = 1
    tint.inputs["Color1"].default_value = (*colour, 1)
    links.new(_attribute(nodes, "tint").outputs["Color"], tint.inputs["Color2"])
    bsdf = nodes.new("ShaderNodeBsdfDiffuse")
    links.new(tint.outputs["Color"], bsdf.inputs["Color"])
    links.new(bsdf.outputs[0], out.inputs[0])
    return mat


def knit_material(name, colour, tile, rib_count):
    """Wool with a knitted relief; the attribute 'weave' counts stitches (columns, rows)."""
    size = len(tile)
    image = bpy.data.images.new(name, size, size, float_buffer=True)
    image.colorspace_settings.name = "Non-Color"
    pixels = np.ones((size, size, 4), np.float32)
    pixels[..., :3] = tile[..., None]
    image.pixels.foreach_set(pixels.ravel())
    image.pack()
    mat, nodes, links, out = _material(name)
    weave = _attribute(nodes, "weave")
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    links.new(weave.outputs["Vector"], texture.inputs["Vector"])
    bump = nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = 0.9
    bump.inputs["Distance"].default_value = 0.07
    links.new(texture.outputs["Color"], bump.inputs["Height"])
    shade = nodes.new("ShaderNodeMapRange")
    shade.inputs["To Min"].default_value = 0.42
    shade.inputs["To Max"].default_value = 1.0
    links.new(texture.outputs["Color"], shade.inputs["Value"])
    mix = nodes.new("ShaderNodeMixRGB")
    mix.blend_type = "MULTIPLY"
    mix.inputs["Fac"].default_value = 1
    mix.inputs["Color1"].default_value = (*colour, 1)
    links.new(shade.outputs[0], mix.inputs["Color2"])
    bsdf = nodes.new("ShaderNodeBsdfPrincipled")
    mat.pass_index = 1
    bsdf.inputs["Roughness"].default_value = 0.85
    bsdf.inputs["Specular"].default_value = 0.15
    bsdf.inputs["Sheen"].default_value = 0.7
    links.new(mix.outputs["Color"], bsdf.inputs["Base Color"])
    links.new(bump.outputs[0], bsdf.inputs["Normal"])
    links.new(bsdf.outputs[0], out.inputs[0])
    return mat


# --------------------------------------------------------------------------- light and camera


def add_light(name, position, target, size, power, colour):
    """A rectangular soft box: size (w, h) cm; power in Blender's watts at centimetre scale."""
    light = bpy.data.lights.new(name, "AREA")
    light.shape = "RECTANGLE"
    light.size, light.size_y = size
    light.energy = power
    light.color = colour
    obj = bpy.data.objects.new(name, light)
    obj.location = position
    obj.rotation_euler = (Vector(target) - Vector(position)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(obj)
    return obj


def add_world(colour, strength):
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    node = world.node_tree.nodes["Background"]
    node.inputs[0].default_value = (*colour, 1)
    node.inputs[1].default_value = strength


def add_camera(position, height_cm, distance_cm):
    """A camera at `position` looking along -z that sees height_cm at distance_cm."""
    data = bpy.data.cameras.new("camera")
    data.sensor_fit = "VERTICAL"
    data.angle = 2 * np.arctan2(height_cm / 2, distance_cm)
    data.clip_start, data.clip_end = 1.0, 2000.0
    obj = bpy.data.objects.new("camera", data)
    obj.location = position
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.scene.camera = obj


LAYERS = ("Image", "DiffDir", "DiffInd", "DiffCol", "Normal", "IndexMA")


def _layer_outputs(folder):
    """Let the compositor write each layer to an EXR of its own."""
    scene = bpy.context.scene
    layer = scene.view_layers[0]
    layer.use_pass_diffuse_direct = layer.use_pass_diffuse_indirect = True
    layer.use_pass_diffuse_color = layer.use_pass_normal = True
    layer.use_pass_material_index = True
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    source = tree.nodes.new("CompositorNodeRLayers")
    out = tree.nodes.new("CompositorNodeOutputFile")
    out.base_path = folder
    out.format.file_format = "OPEN_EXR"
    out.format.color_mode = "RGBA"
    out.format.color_depth = "32"
    out.file_slots.clear()
    for name in LAYERS:
        out.file_slots.new(name)
        tree.links.new(source.outputs[name], out.inputs[name])
    tree.links.new(source.outputs["Image"], tree.nodes.new("CompositorNodeComposite").inputs[0])


def render(size, samples, seed, folder, border=None):
    """Render the layers: [size][size][14] linear, top row first.

    Channels: picture RGBA, diffuse light RGB (direct + indirect), diffuse colour RGB, normal XYZ,
    cloth.
    """
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.film_transparent = True
    scene.render.threads_mode = "FIXED"
    scene.render.threads = 2
    cycles = scene.cycles
    cycles.samples, cycles.seed = samples, seed
    cycles.use_denoising = False
    cycles.use_adaptive_sampling = False
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 8, 3, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces = 6, 8
    cycles.sample_clamp_indirect, cycles.sample_clamp_direct = 1.2, 8.0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.5
    scene.cycles_curves.shape = "RIBBONS"
    if border:
        scene.render.use_border = True
        (scene.render.border_min_x, scene.render.border_min_y,
         scene.render.border_max_x, scene.render.border_max_y) = border
    _layer_outputs(folder)
    bpy.ops.render.render()
    number = f"{scene.frame_current:04d}.exr"
    read = {name: _read(os.path.join(folder, name + number), size) for name in LAYERS}
    return np.concatenate([read["Image"], read["DiffDir"][..., :3] + read["DiffInd"][..., :3],
                           read["DiffCol"][..., :3], read["Normal"][..., :3],
                           read["IndexMA"][..., :1]], -1)


def _read(path, size):
    image = bpy.data.images.load(path, check_existing=False)
    pixels = np.empty(size * size * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels.reshape(size, size, 4)[::-1].copy()


def save(path, rgb):
    """Write [n][n][3] sRGB 0..1 as PNG."""
    size = len(rgb)
    image = bpy.data.images.new("out", size, size)
    pixels = np.ones((size, size, 4), np.float32)
    pixels[..., :3] = rgb[::-1]
    image.pixels.foreach_set(pixels.ravel())
    image.filepath_raw = path
    image.file_format = "PNG"
    image.save()

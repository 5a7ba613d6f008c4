# SPDX-License-Identifier: Apache-2.0
"""limner serve as a child on a free port, with its metrics, for the server's tests."""
import atexit
import re
import subprocess
import time
import urllib.request


class Server:
    def __init__(self, exe, *options):
        self.child = subprocess.Popen([exe, "serve", "--port", "0", *options],
                                      stderr=subprocess.PIPE, text=True)
        # After a failure too: what waits for our pipes would hang.
        atexit.register(self.child.kill)
        line = self.child.stderr.readline()
        found = re.search(r"open (https?)://[^/]*:(\d+)/(?:\?token=(\w+))?", line)
        if not found:
            raise AssertionError(line + self.child.stderr.read())
        self.scheme, self.port, self.token = found[1], int(found[2]), found[3]

    def get(self, path, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name):
        return float(re.search(f"^limner_{re.escape(name)} (.*)$", self.get("/metrics"), re.M)[1])

    def wait_metric(self, name, value, seconds=10):
        end = time.monotonic() + seconds
        while self.metric(name) != value and time.monotonic() < end:
            time.sleep(0.1)
        return self.metric(name)

    def stop(self):
        """Exit status and what was logged."""
        self.child.terminate()
        said = self.child.communicate(timeout=20)[1]
        return self.child.returncode, said

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The user-mode kernel, and what is said where it dies. scripts/test --only kernel_tests runs them alone."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOAK = HERE.parent.parent / "Soak"
DEATH = """\
userspace - ptrace set fp regs failed, errno = 14
Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b
"""
# Programs, their ends and a signal.
INIT = """\
#!/bin/sh
trap 'echo "its programs run" >&2' USR1
kill -USR1 $(busybox sh -c 'echo $PPID')
busybox poweroff -f
"""


class KernelTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        done = subprocess.run([SOAK / "kernel"], stdout=subprocess.PIPE, text=True, check=True)
        self.kernel = Path(done.stdout.strip())

    def script(self, path, text):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def test_it_boots_where_processors_have_the_registers_of_amx(self):
        library = self.directory / "amx.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, HERE / "amx.c"], check=True)
        done = subprocess.run(
            [self.kernel, "mem=64M", "rootfstype=hostfs", "rootflags=/", "ro", "con=null", "con0=null,fd:1", "ssl=null",
             "quiet", f"uml_dir={self.directory}", f"init={self.script(self.directory / 'init', INIT)}"],
            env=os.environ | {"LD_PRELOAD": str(library)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("its programs run", done.stdout)

    def test_the_proof_says_in_its_last_line_how_the_kernel_died(self):
        self.script(self.directory / "framewatch" / self.kernel.name, f"#!/bin/sh\necho '{DEATH}' >&2\nkill -ABRT $$\n")
        executable = self.script(self.directory / "executable", "#!/bin/sh\necho framewatch 1\n")
        proof = subprocess.run([SOAK / "proof", executable], env=os.environ | {"XDG_CACHE_HOME": str(self.directory)},
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.assertEqual(proof.returncode, 1)
        last = proof.stderr.splitlines()[-1]
        self.assertIn("user-mode Linux died: userspace - ptrace set fp regs failed, errno = 14", last)


if __name__ == "__main__":
    unittest.main()

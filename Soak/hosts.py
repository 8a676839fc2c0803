# SPDX-License-Identifier: Apache-2.0
"""Two hosts, receiver and camera, with a link between them: network namespaces that last as long as this process."""

import ctypes
import os
import subprocess
from contextlib import contextmanager

NEW_NETWORK = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Host:
    """A network namespace. What is started inside of it, and each socket made there, stays there."""

    def __init__(self, address, hardware):
        self.address, self.hardware = address, hardware
        with at_home():
            system(LIBC.unshare(NEW_NETWORK))
            self.namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self.run("ip", "link", "set", "lo", "up")
        with self.inside():
            # No address is tentative when ICE gathers, and the probes have the link for themselves.
            for place in ("all", "default"):
                with open(f"/proc/sys/net/ipv6/conf/{place}/disable_ipv6", "w") as switch:
                    switch.write("1")

    @contextmanager
    def inside(self):
        with at_home():
            system(LIBC.setns(self.namespace, NEW_NETWORK))
            yield

    def run(self, *words, text=None):
        with self.inside():
            done = subprocess.run(words, input=text, capture_output=True, text=True)
        if done.returncode:
            raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")

    def start(self, words, **options):
        with self.inside():
            return subprocess.Popen(words, stdin=subprocess.DEVNULL, **options)

    def plug_in(self):
        self.run("ip", "link", "set", "eth0", "address", self.hardware)
        self.take(self.address)
        self.run("ip", "link", "set", "eth0", "up")

    def take(self, address):
        self.address = address
        self.run("ip", "address", "add", f"{address}/24", "dev", "eth0")

    def lose_address(self):
        self.run("ip", "address", "del", f"{self.address}/24", "dev", "eth0")

    def know(self, address, hardware):
        """A neighbor that nobody has to ask for: asking takes part in the loss, and who gets no answer hears errors."""
        self.run("ip", "neighbor", "replace", address, "lladdr", hardware, "nud", "permanent", "dev", "eth0")


class Hosts:
    def __init__(self, link):
        self.receiver = Host("10.77.0.1", "02:00:00:00:00:01")
        self.camera = Host("10.77.0.2", "02:00:00:00:00:02")
        self.link = link(self.receiver, self.camera)
        for host in (self.receiver, self.camera):
            host.plug_in()
        self.camera.know(self.receiver.address, self.receiver.hardware)
        for last in (2, 3):
            self.receiver.know(f"10.77.0.{last}", self.camera.hardware)

    def give_camera_another_address(self):
        other = {"10.77.0.2": "10.77.0.3", "10.77.0.3": "10.77.0.2"}[self.camera.address]
        self.camera.take(other)
        # Its neighbors went with the old one.
        self.camera.know(self.receiver.address, self.receiver.hardware)


class NetemLink:
    """A pair of interfaces with the kernel's netem at both ends."""

    def __init__(self, receiver, camera):
        self.ends = (receiver, camera)
        receiver.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0",
                     "netns", f"/proc/{os.getpid()}/fd/{camera.namespace}")

    def shape(self, words):
        """A new one each time: `tc qdisc change` keeps what is not named. What is on its way is lost."""
        for end in self.ends:
            end.run("tc", "-batch", "-",
                    text=f"qdisc replace dev eth0 root pfifo\nqdisc replace dev eth0 root netem {words}\n")

    def close(self):
        pass


@contextmanager
def at_home():
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        yield
    finally:
        system(LIBC.setns(home, NEW_NETWORK))
        os.close(home)


def system(status):
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

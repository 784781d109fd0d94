"""What happens to a process that reads a log: its key function meets a certain address.

Another process imports them, by a name that does not depend on how pytest imported the test.
"""

import os
import signal
from threading import Event


def deadly(address: str) -> str:
    """End the process that reads one of two addresses."""
    if address.startswith("poison"):
        os._exit(7)
    if address.startswith("killer"):
        os.kill(os.getpid(), signal.SIGTERM)
    return address


def endless(address: str) -> str:
    """Let the process that reads a certain address never end."""
    if address.startswith("endless"):
        Event().wait()
    return address

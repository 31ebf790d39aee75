"""Stops the server when its owner is gone, however that ended. Runs beside the server, as a program.

Arguments: pid of the server, the time it was created, and optionally a folder to remove afterwards. Its standard
input is a pipe from the owner: a byte means that the owner has done the work, the end without one that it was killed.
"""

import shutil
import sys

import psutil

PATIENCE_SECONDS = 30


def main(pid: int, created: float, folder: str | None = None) -> None:
    """Wait for the owner's end, then stop the server (only that very process, not a later one of its number)."""
    if sys.stdin.buffer.read(1):
        return
    try:
        server = psutil.Process(pid)
        if server.create_time() == created:
            server.terminate()
            _, alive = psutil.wait_procs([server], PATIENCE_SECONDS)
            for process in alive:
                process.kill()
    except psutil.NoSuchProcess:
        pass
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])

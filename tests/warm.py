"""A Python that has its packages loaded: programs run in forks of one interpreter.

Most of the time of a program that prints a line goes into imports. :func:`python` names a program
that takes the arguments of Python; it hands them, with its environment, its folder and its streams,
to an interpreter that has imported NumPy, PyTorch, Snakemake and the like, which forks, runs them
there and tells the exit status. Snakemake that is started by it starts its jobs in the same way.

The library itself is not loaded, so that each program imports that of its own folder. What an
interpreter fixes when it starts (the hash seed, the locale, numbers of threads) is not changed
afterwards: with other values for these, where nothing can be forked, and for options that are not
known here, Python itself is started. So it is for all that is about starting.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import runpy
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
from pathlib import Path

SOCKET, SPENT = "EDGEOFCHAOS_WARM", "EDGEOFCHAOS_WARM_SPENT"
LOADED = (
    "torch", "scipy.integrate", "scipy.optimize", "scipy.special", "scipy.stats", "pandas",
    "seaborn", "matplotlib.pyplot", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf", "jinja2", "jsonschema", "yaml", "psutil", "snakemake.cli",
    "snakemake.api", "snakemake.scheduling.job_scheduler", "snakemake.executors.local", "mpmath",
    "pytest",
)  # fmt: skip
# What an interpreter looks at when it starts, or a package when it is loaded.
FIXED = ("PYTHONHASHSEED", "PYTHONWARNINGS", "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONOPTIMIZE",
         "PYTHONNOUSERSITE", "PYTHONSAFEPATH", "LC_ALL", "LC_CTYPE", "LANG", "OPENBLAS_CORETYPE",
         "ATEN_CPU_CAPABILITY", "NPY_DISABLE_CPU_FEATURES", "ONEDNN_MAX_CPU_ISA", "MKL_CBWR",
         "GLIBC_TUNABLES", "LD_PRELOAD", "MPLCONFIGDIR")  # fmt: skip
# One thread is what all tests take, and what Snakemake sets for each job.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
POLL = 0.005

# The program that takes the place of Python. It loads next to nothing.
PROGRAM = """#!{python} -SI
import os, sys
PYTHON, SOCKET, FIXED, THREADS = {python!r}, {name!r}, {fixed!r}, {threads!r}
call, arguments = sys.argv, sys.argv[1:]
known = arguments and (arguments[0] in ("-c", "-m") or not arguments[0].startswith("-"))
known = known and all(os.environ.get(key) == value for key, value in FIXED.items())
if not known or any(os.environ.get(key, "1") != "1" for key in THREADS):
    os.execv(PYTHON, [PYTHON, *arguments])
import json, signal, socket
with socket.socket(socket.AF_UNIX) as link:
    try:
        link.connect(SOCKET)
    except OSError:
        os.execv(PYTHON, [PYTHON, *arguments])
    asked = json.dumps([call, os.getcwd(), dict(os.environ)]).encode("utf-8", "surrogateescape")
    socket.send_fds(link, [len(asked).to_bytes(8, "big")], [0, 1, 2])
    link.sendall(asked)
    pid = int.from_bytes(link.recv(8), "big")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, frame: os.kill(pid, n))
    status = link.recv(8)
    status = int.from_bytes(status, "big", signed=True) if status else 1
if status < 0:
    if -status != signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
os._exit(status)
"""


def python() -> str:
    """The path of the program to start instead of Python; off Linux it is Python itself."""
    if sys.platform != "linux":  # elsewhere a fork of what has threads and frameworks may hang
        return sys.executable
    if SOCKET not in os.environ:
        _start()
    return os.environ[SOCKET] + ".py"


def seconds() -> float:
    """Processor seconds of all that has run in forks so far."""
    told = os.environ.get(SPENT)
    if not told or not os.path.exists(told):
        return 0.0
    return sum(map(float, Path(told).read_text(encoding="ascii").split()))


def _start() -> None:
    folder = Path(tempfile.mkdtemp(prefix="warm"))
    name = str(folder / "python")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen(64)
        os.environ[SOCKET], os.environ[SPENT] = name, str(folder / "spent")
        server = subprocess.Popen(
            [sys.executable, __file__, str(listener.fileno())],
            pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL,
            env={**os.environ, **dict.fromkeys(THREADS, "1"), "MPLBACKEND": "agg"},
        )  # fmt: skip
    fixed = {key: os.environ.get(key) for key in FIXED}
    program = Path(name + ".py")
    text = PROGRAM.format(python=sys.executable, name=name, fixed=fixed, threads=THREADS)
    program.write_text(text, "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    atexit.register(_end, server, folder, os.getpid())


def _end(server: subprocess.Popen, folder: Path, pid: int) -> None:
    if os.getpid() == pid:
        server.terminate()
        server.wait()
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


# The interpreter that is forked


def serve(listener: socket.socket) -> None:
    """Forks for every program that connects, and tells it the exit status."""
    running: dict[int, socket.socket] = {}
    while True:
        links = list(running.values())
        ready, _, _ = select.select([listener, *links], [], [], POLL if running else None)
        if listener in ready:
            link, _ = listener.accept()
            with link:
                pid = _asked(listener, link)
                if pid:
                    running[pid] = socket.socket(fileno=os.dup(link.fileno()))
        for pid, link in list(running.items()):
            # Nothing more is ever sent: it has been killed, and so is what it has started.
            if link in ready:
                os.kill(pid, signal.SIGKILL)
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                with open(os.environ[SPENT], "a", encoding="ascii") as spent:
                    spent.write(f"{usage.ru_utime + usage.ru_stime:.4f}\n")
                code = os.waitstatus_to_exitcode(status)
                with running.pop(pid) as link, contextlib.suppress(OSError):
                    link.sendall(code.to_bytes(8, "big", signed=True))


def _asked(listener: socket.socket, link: socket.socket) -> int:
    try:
        head, streams, _, _ = socket.recv_fds(link, 8, 3)
        asked = b""
        while len(asked) < int.from_bytes(head, "big"):
            part = link.recv(1 << 16)
            if not part:
                return 0
            asked += part
    except OSError:
        return 0
    pid = os.fork()
    if pid == 0:
        listener.close()
        link.close()
        _become(asked, streams)
    for stream in streams:
        os.close(stream)
    with contextlib.suppress(OSError):
        link.sendall(pid.to_bytes(8, "big"))
    return pid


def _become(asked: bytes, streams: list[int]) -> None:
    """In the fork: what Python does from its start to its end."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", errors=errors, buffering=by, closefd=False)  # noqa: SIM115
        for number, mode, errors, by in (
            (0, "r", "strict", -1), (1, "w", "strict", -1), (2, "w", "backslashreplace", 1),
        )
    )  # fmt: skip
    (program, *arguments), folder, environment = json.loads(
        asked.decode("utf-8", "surrogateescape")
    )
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # Snakemake keeps the folder that it was imported in.
    sys.modules["snakemake.workflow"].Workflow._rundir = os.getcwd()
    time.tzset()
    sys.executable = program
    sys.dont_write_bytecode = bool(environment.get("PYTHONDONTWRITEBYTECODE"))
    path = [p for p in environment.get("PYTHONPATH", "").split(os.pathsep) if p]
    sys.path[:] = [os.path.abspath(p) for p in path] + PATH
    status = 1
    try:
        _run(arguments)
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
        if left.code is not None and not isinstance(left.code, int):
            print(left.code, file=sys.stderr)
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        traceback.print_exc()
    try:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        status = status or 120
    os._exit(status & 0xFF)


def _run(arguments: list[str]) -> None:
    first = arguments[0]
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    if first == "-c":
        sys.argv = ["-c", *arguments[2:]]
        sys.path.insert(0, "")
        exec(compile(arguments[1], "<string>", "exec"), main.__dict__)
    elif first == "-m":
        sys.argv = ["-m", *arguments[2:]]
        sys.path.insert(0, os.getcwd())
        runpy._run_module_as_main(arguments[1])
    else:
        sys.argv = arguments
        sys.path.insert(0, os.path.dirname(os.path.realpath(first)))
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    import gc
    import importlib

    PATH = sys.path[1:]  # without the folder of this file, as before anything was imported
    for package in LOADED:
        importlib.import_module(package)
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))

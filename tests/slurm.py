"""A real Slurm of one node in a temporary folder, for as long as a block lasts."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

# Of the Debian packages slurm-wlm and munge; runuser and setpriv are in every Debian.
NEEDED = (
    "munged",
    "slurmctld",
    "slurmd",
    "sbatch",
    "squeue",
    "srun",
    "scontrol",
    "runuser",
    "setpriv",
)

CONF = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
AuthInfo=socket={folder}/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0
MpiDefault=none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
{accounting}
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} {node}
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def lacking() -> str | None:
    """Why no Slurm can be started here; None if one can."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        return f"Slurm is not installed (no {', '.join(missing)})"
    return None if os.geteuid() == 0 else "Slurm's daemons need root"


@contextlib.contextmanager
def slurm(accounting: str = "", node: str = "", conf: dict[str, str] | None = None):
    """Starts munged, slurmctld and slurmd, yields their folder, and stops whatever runs there.

    The environment has SLURM_CONF meanwhile. ``accounting`` and ``node`` are lines of slurm.conf,
    ``conf`` other files beside it.
    """
    # Not pytest's folder, which the user munge cannot enter; short, for the socket's sake.
    folder = Path(tempfile.mkdtemp(prefix="slurm"))
    before = os.environ.copy()
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    os.environ["PATH"] = f"{folder}/bin:{before['PATH']}"
    try:
        folder.chmod(0o755)
        for name in ("bin", "munge", "state", "spool"):
            (folder / name).mkdir(mode=0o755)
        for name, text in (conf or {}).items():
            (folder / name).write_text(text)
        (folder / "slurm.conf").write_text(
            CONF.format(
                host=socket.gethostname().split(".")[0],
                folder=folder,
                ports=free_ports(2),
                accounting=accounting,
                cpus=os.cpu_count(),
                memory=psutil.virtual_memory().total // 2**20,
                node=node,
            )
        )
        # Snakemake's job step calls srun without SLURM_CONF, and nothing is put under /etc here.
        srun = folder / "bin/srun"
        srun.write_text(
            f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n'
        )
        srun.chmod(0o755)
        key = folder / "munge/key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        for path in (folder / "munge", key):
            shutil.chown(path, "munge", "munge")
        files = [f"--{n}={folder}/munge/{n}" for n in ("socket", "pid-file", "seed-file")]
        files.append(f"--key-file={key}")
        start(folder, "runuser", "-u", "munge", "--", "munged", "--foreground", *files)
        wait(folder, lambda: (folder / "munge/socket").exists())
        start(folder, "slurmctld", "-D")
        start(folder, "slurmd", "-D")
        wait(folder, lambda: said("sinfo", "--noheader", "--format=%T") == "idle")
        yield folder
    finally:
        stop(folder)
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def start(folder: Path, *command: str) -> None:
    """A daemon in the foreground; it ends with this process, however that ends."""
    with (folder / "daemons.log").open("a") as log:
        subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def wait(folder: Path, ready, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            log = (folder / "daemons.log").read_text()
            raise RuntimeError(f"Slurm did not start in {seconds} s:\n{log[-4000:]}")
        time.sleep(0.2)


def running(folder: Path) -> list[psutil.Process]:
    """Daemons, steps and jobs: all have this Slurm's SLURM_CONF in their environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            inside = process.environ().get("SLURM_CONF") == str(folder / "slurm.conf")
            if inside and process.pid != os.getpid():
                found.append(process)
    return found


def stop(folder: Path) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        left = running(folder)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.send_signal(how)
        psutil.wait_procs(left, timeout=15)

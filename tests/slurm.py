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

# Of the Debian packages slurm-wlm and munge; setpriv is in every Debian.
NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "srun", "scontrol", "setpriv")
# Of slurmdbd and mariadb-server.
NEEDED_TO_ACCOUNT = ("slurmdbd", "sacctmgr", "mariadbd", "mariadb-install-db")

# Kept until they have ended; Python warns of one that is forgotten.
STARTED: list[subprocess.Popen] = []

ACCOUNTING = """
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={port}
AccountingStoragePass={folder}/munge/socket
"""

SLURMDBD_CONF = """
DbdHost=localhost
DbdPort={port}
SlurmUser=root
AuthInfo=socket={folder}/munge/socket
PidFile={folder}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database}
StorageUser=slurm
StorageLoc=slurm
"""

CONF = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
AuthInfo=socket={folder}/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0
# slurmctld syncs its state, and a slow disk may take longer than the usual 10 s.
MessageTimeout=100
MpiDefault=none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
{accounting}
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:1
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def lacking(needed: tuple[str, ...] = NEEDED) -> str | None:
    """Why no Slurm can be started here; None if one can."""
    missing = [name for name in needed if not shutil.which(name)]
    if missing:
        return f"Slurm is not installed (no {', '.join(missing)})"
    return None if os.geteuid() == 0 else "Slurm's daemons need root"


@contextlib.contextmanager
def slurm(accounting: bool = False):
    """Starts munged, slurmctld and slurmd, yields their folder, and stops whatever runs there.

    The environment names this Slurm meanwhile. The node says that it has a GPU. With ``accounting``
    there are also MariaDB and slurmdbd.
    """
    # Not pytest's folder, which munge's user cannot enter; short, for the socket's sake.
    folder = Path(tempfile.mkdtemp(prefix="slurm"))
    before = os.environ.copy()
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    os.environ["PATH"] = f"{folder}/bin:{before['PATH']}"
    try:
        folder.chmod(0o755)
        for name in ("bin", "state", "spool"):
            (folder / name).mkdir()
        controller, node, accounts, database = free_ports(4)
        configure(
            folder,
            controller,
            node,
            ACCOUNTING.format(folder=folder, port=accounts) if accounting else "",
        )
        start_munge(folder)
        if accounting:
            start_accounting(folder, accounts, database)
        start(folder, "slurmctld", "-D")
        start(folder, "slurmd", "-D")
        wait(folder, lambda: said("sinfo", "--noheader", "--format=%T") == "idle")
        yield folder
    finally:
        stop(folder)
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder)


def configure(folder: Path, controller: int, node: int, accounting: str) -> None:
    (folder / "slurm.conf").write_text(
        CONF.format(
            host=socket.gethostname().split(".")[0],
            folder=folder,
            controller=controller,
            node=node,
            accounting=accounting,
            cpus=os.cpu_count(),
            memory=psutil.virtual_memory().total // 2**20,
        )
    )
    (folder / "gres.conf").write_text("Name=gpu File=/dev/null\n")
    # Snakemake's job step calls srun without SLURM_CONF, and nothing is put under /etc here.
    srun = folder / "bin/srun"
    conf = folder / "slurm.conf"
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={conf} exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)


def start_munge(folder: Path) -> None:
    munge = owned(folder / "munge", "munge")
    key = munge / "key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    shutil.chown(key, "munge", "munge")
    files = [f"--{name}={munge}/{name}" for name in ("socket", "pid-file", "seed-file")]
    start(folder, "munged", "--foreground", f"--key-file={key}", *files, user="munge")
    wait(folder, lambda: (munge / "socket").exists())


def start_accounting(folder: Path, accounts: int, database: int) -> None:
    data = owned(folder / "data", "mysql")
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", "--user=mysql", f"--datadir={data}"],
        check=True,
        capture_output=True,
    )
    options = [f"--datadir={data}", f"--socket={data}/socket", f"--port={database}"]
    # No user is made in it: it answers on this machine only, and as long as the block lasts.
    options += ["--bind-address=127.0.0.1", "--skip-grant-tables"]
    start(folder, "mariadbd", "--no-defaults", *options, user="mysql")
    wait(folder, lambda: answers(database))
    conf = folder / "slurmdbd.conf"
    conf.touch(mode=0o600)
    conf.write_text(SLURMDBD_CONF.format(folder=folder, port=accounts, database=database))
    start(folder, "slurmdbd", "-D")
    wait(folder, lambda: answers(accounts))


def owned(folder: Path, user: str) -> Path:
    folder.mkdir(mode=0o755)
    shutil.chown(folder, user, user)
    return folder


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def start(folder: Path, *command: str, user: str = "root") -> None:
    """A daemon in the foreground; it ends with this process, however that ends."""
    who = [f"--reuid={user}", f"--regid={user}", "--init-groups", "--pdeathsig=TERM"]
    with (folder / "daemons.log").open("a") as log:
        STARTED.append(
            subprocess.Popen(
                ["setpriv", *who, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        )


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def wait(folder: Path, ready, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            log = (folder / "daemons.log").read_text()
            raise RuntimeError(f"Slurm did not get ready in {seconds} s:\n{log[-4000:]}")
        time.sleep(0.2)


def running(folder: Path) -> list[psutil.Process]:
    """Daemons and jobs, which have SLURM_CONF, and steps, which overwrite it but have a socket."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            inside = process.environ().get("SLURM_CONF") == str(folder / "slurm.conf")
            if not inside and process.name().startswith("slurmstepd"):
                sockets = process.net_connections(kind="unix")
                inside = any(str(folder) in str(each.laddr) for each in sockets)
            if inside and process.pid != os.getpid():
                found.append(process)
    return found


def stop(folder: Path) -> None:
    """First what runs in Slurm, by its own means."""
    if said("squeue", "--noheader"):
        subprocess.run(["scancel", "--user=root"])
        with contextlib.suppress(RuntimeError):
            wait(folder, lambda: not said("squeue", "--noheader"), seconds=30)
    for how in (signal.SIGTERM, signal.SIGKILL):
        left = running(folder)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.send_signal(how)
        psutil.wait_procs(left, timeout=15)
    STARTED[:] = [daemon for daemon in STARTED if daemon.poll() is None]

"""The forked interpreter does what Python does: arguments, streams, statuses, signals, kills."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked elsewhere")
HELLO = "import sys; print(sys.argv[1:], 'ä'); print('error', file=sys.stderr)"
WAYS = {
    "a program": ["-c", HELLO, "x", "--y z"],
    "a status": ["-c", "import sys; sys.exit(7)"],
    "a sentence": ["-c", "import sys; sys.exit('no')"],
    "none": ["-c", "import sys; sys.exit(None)"],
    "at exit": ["-c", "import atexit; atexit.register(print, 'end')"],
    "the input": ["-c", "print(input() * 2)"],
    "a module": ["-m", "json.tool", "--help"],
    "no module": ["-m", "no_such_module"],
    "a signal": ["-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"],
    "a kill": ["-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"],
    "hard": ["-c", "import os; os.write(1, b'out'); os._exit(3)"],
    "a child": ["-c", "import os; os.system('echo shell; exit 2')"],
    "another hash seed": ["-c", "import os; print(hash('a') if os.environ.get('SEED') else 0)"],
}


def run(program, arguments, **more):
    return subprocess.run(
        [program, *arguments], input="ab\n", capture_output=True, text=True, **more
    )


@pytest.mark.parametrize("way", WAYS)
def test_it_ends_and_says_as_python_does(way):
    expected, found = (run(program, WAYS[way]) for program in (sys.executable, warm.python()))
    assert (found.returncode, found.stdout) == (expected.returncode, expected.stdout)
    # json.tool and a missing module name the interpreter.
    last = [done.stderr.replace(sys.executable, warm.python()) for done in (expected, found)]
    assert last[0].splitlines()[-1:] == last[1].splitlines()[-1:]


def test_a_script_has_its_folder_first_and_its_own_environment(tmp_path):
    (tmp_path / "beside.py").write_text("NAME = 'beside'\n")
    script = tmp_path / "script.py"
    script.write_text("import os, beside\nprint(beside.NAME, os.environ['MINE'], os.getcwd())\n")
    done = run(warm.python(), [str(script)], cwd=tmp_path.parent, env={**os.environ, "MINE": "1"})
    assert done.stdout == f"beside 1 {tmp_path.parent}\n"


def test_the_library_is_that_of_the_folder(copied, python, tmp_path):
    folder = copied(tmp_path)
    done = python(folder, "-c", "import edgeofchaos; print(edgeofchaos.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(folder)


def test_what_a_python_fixes_at_its_start_starts_one():
    code = "import sys; print('torch' in sys.modules, hash('a'))"
    seeds = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2", "1")]
    said = [run(warm.python(), ["-c", code], env=env).stdout for env in seeds]
    assert said[0] == said[2] != said[1] and said[0].startswith("False")
    assert run(warm.python(), ["-c", code]).stdout.startswith("True")


def test_what_is_killed_leaves_nothing_running(tmp_path):
    code = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))"
    process = subprocess.Popen([warm.python(), "-c", f"{code}; time.sleep(100)"])
    end = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < end
        time.sleep(0.01)
    pid = int((tmp_path / "pid").read_text())
    process.send_signal(signal.SIGKILL)
    process.wait()
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_its_processor_seconds_are_counted():
    before = warm.seconds()
    run(warm.python(), ["-c", "import time\nwhile time.process_time() < 0.5: pass"])
    assert warm.seconds() - before > 0.3

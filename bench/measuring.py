"""What the comparisons have in common: a throw-away server, and measured runs of programs."""

import contextlib
import glob
import os
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIB = 1 << 20


class Server:
    """A PostgreSQL in `directory`, on a Unix socket only; it dies with this script. `settings` stand
    in for those that it would have."""

    def __init__(self, directory, bin_dir, **settings):
        self.directory = directory
        self.bin_dir = bin_dir
        as_server_user = ["setpriv", "--pdeathsig=QUIT"]
        if os.geteuid() == 0:
            as_server_user += ["--reuid=postgres", "--regid=postgres", "--init-groups"]
            account = pwd.getpwnam("postgres")
            os.chown(directory, account.pw_uid, account.pw_gid)
        subprocess.run(
            [*as_server_user, bin_dir / "initdb", "--pgdata", directory / "data", "--auth=trust",
             "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=directory)
        settings = {
            "listen_addresses": "", "unix_socket_directories": directory, "fsync": "off",
            "wal_level": "minimal", "max_wal_senders": 0, "max_wal_size": "4GB",
            "shared_buffers": "2GB", "autovacuum": "off", "jit": "off",
            "dynamic_shared_memory_type": "mmap",
        } | settings
        self.log = directory / "server.log"
        self.process = subprocess.Popen(
            [*as_server_user, bin_dir / "postgres", "-D", directory / "data",
             *(f"--{name}={value}" for name, value in settings.items())],
            stdin=subprocess.DEVNULL, stdout=self.log.open("wb"), stderr=subprocess.STDOUT,
            start_new_session=True, cwd=directory)
        os.environ.update(PGHOST=str(directory), PGUSER="postgres")

    def wait_until_ready(self):
        deadline = time.monotonic() + 60
        while subprocess.run([self.bin_dir / "pg_isready", "-q"]).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the server did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def fill(self, database, script, rows):
        """Makes a database by a script of this folder, which looks at the variable `rows`."""
        psql = [self.bin_dir / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null"]
        subprocess.run([*psql, "-c", f"CREATE DATABASE {database}", "postgres"], check=True)
        subprocess.run([*psql, "-v", f"rows={rows}", "-f", HERE / script, database], check=True)
        subprocess.run([*psql, "-c", "VACUUM ANALYZE", "-c", "CHECKPOINT", database], check=True)


class Measurement:
    """One run of a program with all that it starts: seconds and bytes."""

    def __init__(self, argv):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.monotonic()
        errors = tempfile.TemporaryFile()  # openssl warns of the image's key derivation each time
        process = subprocess.Popen(argv, start_new_session=True, stdout=subprocess.DEVNULL,
                                   stderr=errors)
        self.memory = 0
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=0.1)
                    break
                self.memory = max(self.memory, sum(resident(pid) for pid in family(process.pid)))
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.wall = time.monotonic() - begin
        # Of all that ended: the server runs on, and so is not in it.
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        check(process, errors)


def check(process, errors):
    if process.returncode != 0:
        errors.seek(0)
        sys.stderr.buffer.write(errors.read())
        raise SystemExit(f"{process.args[0]} failed with exit code {process.returncode}")


def family(pid):
    """A process and all its descendants."""
    yield pid
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        with contextlib.suppress(OSError):
            for child in Path(path).read_text().split():
                yield from family(int(child))


def resident(pid):
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0  # it has ended


def output(*argv):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def newest_server():
    found = [Path(p) for p in glob.glob("/usr/lib/postgresql/*/bin") if Path(p, "initdb").exists()]
    if not found:
        raise SystemExit("no PostgreSQL server is installed\nhint: tools/install-deps bench")
    return max(found, key=lambda path: float(path.parent.name))


def require(programs, pgseal):
    for program in programs:
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is not installed\nhint: tools/install-deps bench")
    if not os.access(pgseal, os.X_OK):
        raise SystemExit(f'there is no program "{pgseal}"\nhint: make bench builds it')


def run_script(main):
    """Runs `main()` so that nobody's own settings lead it to a real database or bucket, and that it
    tidies up when it is ended."""
    for name in list(os.environ):
        if name.startswith(("PG", "POSTGRES_", "S3_", "AWS_", "RATE_")) or name == "REGION":
            del os.environ[name]
    os.environ["LC_ALL"] = "C.UTF-8"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{(error.stderr or b'').decode()}".rstrip())

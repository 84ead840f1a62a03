"""A PostgreSQL server of our own for the golden cases that need one: in a temporary folder, on a Unix socket only, started when the
first case asks for it and stopped at the end. None when Debian's postgresql-15 is not installed."""
import atexit, os, pathlib, shutil, subprocess, tempfile

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="surety-pg-")
        # PostgreSQL refuses to run as root; Debian's package makes the account `postgres`.
        self.prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.prefix:
            shutil.chown(self.folder, "postgres")
        atexit.register(self.stop)
        self.run("initdb", "-N", "-A", "trust", "-U", "surety", "-E", "UTF8", "--locale=C", "-D", f"{self.folder}/data")
        self.run("pg_ctl", "-w", "-t", "60", "-D", f"{self.folder}/data", "-o", f"-k {self.folder} -c listen_addresses=''", "-l", f"{self.folder}/log", "start")

    def run(self, program, *arguments):
        subprocess.run(self.prefix + [str(BIN / program), *arguments], check=True, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fresh_database(self):
        """The address of an empty database, the same each time."""
        self.run("dropdb", "--if-exists", "-f", "-h", self.folder, "-U", "surety", "golden")
        self.run("createdb", "-h", self.folder, "-U", "surety", "golden")
        return f"postgres://surety@/golden?host={self.folder}"

    def stop(self):
        subprocess.run(self.prefix + [str(BIN / "pg_ctl"), "-w", "-D", f"{self.folder}/data", "-m", "immediate", "stop"], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


server = None


def fresh_database():
    """None: there is no PostgreSQL here."""
    global server
    if not (BIN / "postgres").exists():
        return None
    if server is None:
        server = Server()
    return server.fresh_database()

"""deploy.py --root PROJECT --programs FOLDER --stage PREFIX

Holds what hosts/deploy ships against the programs: the unit of systemd, the Dockerfile, the compose file, the dashboard.
No container is built: that takes Docker. Prints one line a case and closes with "N passed, N failed". A case whose tool is
not on the machine says so and counts for nothing, unless ./dev test should have installed it (MCPGATE_E2E_REQUIRED).
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

MOST_EXPOSED = 1.5  # of 10, in the scale of systemd-analyze security; 1.1 when it was written
WITH_EVERY_PROGRAM = {"libc6", "libstdc++6", "libgcc-s1"}  # other packages pull them in
# Metrics of notices are those of a place; nothing is sent there.
NOTICES = ["--notice-mail", "smtps://127.0.0.1:9", "--notice-mail-from", "gate@example.org", "--notice-mail-to",
           "gate@example.org"]
CASES = []


def case(function):
    CASES.append(function)
    return function


class Unavailable(Exception):
    """What a case needs is not on this machine."""

    def __init__(self, tool, from_dev=False):
        super().__init__(tool)
        self.is_fault = from_dev and bool(os.environ.get("MCPGATE_E2E_REQUIRED"))


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, check=False, **options)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


class Deploy:
    """The files, the programs, and a server that has had some traffic."""

    def __init__(self, root, programs, stage):
        self.root, self.programs, self.stage = root, programs, stage
        self.folder = os.path.join(root, "hosts", "deploy")
        self.scratch = tempfile.mkdtemp(prefix="mcpgate-deploy-")
        self.data = os.path.join(self.scratch, "data")
        self.server = subprocess.Popen(
            [self.program("mcpgate-http"), "--data", self.data, "--sandbox", "--json", "--listen", "127.0.0.1:0",
             "--access-log", "off", *NOTICES], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.environment())
        self.ready = json.loads(self.server.stdout.readline())

    def close(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.scratch)

    def program(self, name):
        return os.path.join(self.programs, name)

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": self.scratch}

    def cli(self, *words):
        return run(self.program("mcpgate"), "--data", self.data, *words, env=self.environment())

    def file(self, name):
        return read(self.folder, name)

    def instructions(self, name):
        """(INSTRUCTION, rest) of the Dockerfile, continued lines joined."""
        text = re.sub(r"^#.*\n", "", self.file("Dockerfile"), flags=re.M).replace("\\\n", " ")
        found = [line.split(None, 1) for line in text.splitlines() if line.strip()]
        return [rest for instruction, rest in found if instruction == name]

    def installed_packages(self, stage):
        """What the Dockerfile's first or second stage installs."""
        command = self.instructions("RUN")[stage if stage == 0 else -1]
        words = re.search(r"--no-install-recommends (.*?) &&", command).group(1)
        return set(words.split())

    def help(self):
        return run(self.program("mcpgate-http"), "--help").stdout


def check(ok, why=""):
    if not ok:
        raise AssertionError(why)


@case
def the_unit_is_one_that_systemd_takes(deploy):
    if not shutil.which("systemd-analyze"):
        raise Unavailable("systemd-analyze")
    text = re.sub("@CMAKE_INSTALL_FULL_BINDIR@", deploy.programs, deploy.file("mcpgate-http.service.in"))
    unit = os.path.join(deploy.scratch, "mcpgate-http.service")
    with open(unit, "w", encoding="utf-8") as file:
        file.write(text)
    verified = run("systemd-analyze", "verify", unit)
    # Without a systemd that runs it warns of that.
    check(verified.returncode == 0 and "mcpgate-http.service:" not in verified.stderr, verified.stderr)
    security = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit).stdout
    exposure = float(re.search(r"exposure level .*: ([0-9.]+) ", security).group(1))
    check(exposure <= MOST_EXPOSED, f"exposure {exposure}")


@case
def the_unit_is_installed_beside_the_programs(deploy):
    text = read(deploy.stage, "lib/systemd/system/mcpgate-http.service")
    check("@" not in re.sub(r"@(system-service|privileged|resources)", "", text), "a placeholder is left")
    programs = re.findall(r"^Exec\w+=(/\S*)", text, re.M)
    check(len(programs) == 3 and all(os.path.basename(program) == "mcpgate-http" for program in programs), programs)
    check(os.access(os.path.join(deploy.stage, "bin/mcpgate-http"), os.X_OK))
    check(read(deploy.stage, "lib/sysusers.d/mcpgate.conf") == deploy.file("mcpgate.sysusers"))


@case
def the_dockerfile_passes_hadolint(deploy):
    linter = os.path.join(os.path.dirname(sys.executable), "hadolint")
    linter = linter if os.access(linter, os.X_OK) else shutil.which("hadolint")
    if not linter:
        raise Unavailable("hadolint", from_dev=True)
    result = run(linter, os.path.join(deploy.folder, "Dockerfile"))
    check(result.returncode == 0, result.stdout)


@case
def the_dockerfile_builds_with_the_packages_that_dev_installs(deploy):
    listed = re.search(r"^build_packages='(.*?)'", read(deploy.root, "dev"), re.M | re.S).group(1)
    check(deploy.installed_packages(0) == set(listed.split()) - {"ccache"})


@case
def the_image_has_every_library_that_the_programs_load(deploy):
    if not (shutil.which("dpkg") and shutil.which("objdump")):
        raise Unavailable("dpkg and objdump")
    needed = set()
    for name in ("mcpgate", "mcpgate-http", "mcpgate-stdio"):
        program = deploy.program(name)
        wanted = re.findall(r"NEEDED +(\S+)", run("objdump", "-p", program).stdout)
        places = dict(re.findall(r"^\s*(\S+) => (/\S+)", run("ldd", program).stdout, re.M))
        for library in wanted:
            if library not in places:
                continue  # the loader
            path = os.path.realpath(places[library])
            if not path.startswith(("/usr/lib/", "/lib/")):
                continue  # of this build
            owner = run("dpkg", "-S", path).stdout or run("dpkg", "-S", path.removeprefix("/usr")).stdout
            needed.add(owner.split(":")[0])
    missing = needed - deploy.installed_packages(1) - WITH_EVERY_PROGRAM
    check(needed and not missing, f"missing: {missing}")


@case
def the_build_gets_every_file_it_names(deploy):
    allowed = {line[1:] for line in deploy.file("Dockerfile.dockerignore").splitlines() if line.startswith("!")}
    check(all(os.path.exists(os.path.join(deploy.root, name)) for name in allowed))
    named = set(re.findall(r"add_subdirectory\((\w+)\)", read(deploy.root, "CMakeLists.txt"))) - {"tests", "examples"}
    check(named <= allowed, named - allowed)


@case
def the_build_is_configured_from_those_files_alone(deploy):
    context = os.path.join(deploy.scratch, "context")
    os.mkdir(context)
    for line in deploy.file("Dockerfile.dockerignore").splitlines():
        if line.startswith("!"):
            source, copy = os.path.join(deploy.root, line[1:]), os.path.join(context, line[1:])
            (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, copy)
    flags = re.search(r"cmake -S \. -B /build (.*?) &&", deploy.instructions("RUN")[1]).group(1).split()
    configured = run("cmake", "-S", ".", "-B", "build", *flags, cwd=context)
    check(configured.returncode == 0, configured.stderr)
    programs = run("cmake", "--build", "build", "--target", "help", cwd=context).stdout
    for name in ("mcpgate_cli", "mcpgate_http_host", "mcpgate_stdio"):
        check(name in programs, f"{name} would not be built")


@case
def the_health_check_tells_a_server_that_lives(deploy):
    words = json.loads(re.search(r"CMD (\[.*\])", deploy.instructions("HEALTHCHECK")[0]).group(1))
    check(words[0] == "mcpgate")
    words = [deploy.ready["url"] if word.startswith("http") else word for word in words[1:]]
    check(deploy.cli(*words).returncode == 0)
    words = ["http://127.0.0.1:1/mcp" if word.startswith("http") else word for word in words]
    check(deploy.cli(*words).returncode == 1)


@case
def the_container_sets_variables_that_the_programs_know(deploy):
    names = set(re.findall(r"(MCPGATE_\w+)", " ".join(deploy.instructions("ENV"))))
    names |= set(re.findall(r"^ +(MCPGATE_\w+):", deploy.file("compose.yaml"), re.M))
    names |= set(re.findall(r"^Environment=(MCPGATE_\w+)", deploy.file("mcpgate-http.service.in"), re.M))
    unknown = {name for name in names if name not in deploy.help()}
    check(len(names) > 3 and not unknown, unknown)


@case
def the_container_s_settings_hold(deploy):
    pairs = dict(re.findall(r"(MCPGATE_\w+)=(\S+)", " ".join(deploy.instructions("ENV"))))
    result = run(deploy.program("mcpgate-http"), "--check", env={**deploy.environment(), **pairs})
    check(result.returncode == 0, result.stderr)


@case
def the_compose_file_is_yaml_and_names_what_is_there(deploy):
    try:
        import yaml
    except ImportError as error:
        raise Unavailable("PyYAML", from_dev=True) from error
    compose = yaml.safe_load(deploy.file("compose.yaml"))
    service = compose["services"]["mcpgate"]
    context = os.path.join(deploy.folder, service["build"]["context"])
    check(os.path.samefile(context, deploy.root))
    check(os.path.exists(os.path.join(context, service["build"]["dockerfile"])))
    volumes = {volume.split(":")[0] for volume in service["volumes"] if not volume.startswith((".", "/"))}
    check(volumes == set(compose["volumes"]))
    check(all(port.startswith("127.0.0.1:") for port in service["ports"]), "reachable from other machines")


def families(deploy):
    """The families in a scrape after a call, a refusal and a listing."""
    key = os.path.join(deploy.scratch, "me.key")
    deploy.cli("keys", "create", "--name", "me", "--role", "writer", "--key-file", key)
    tested = deploy.cli("selftest", deploy.ready["url"], "--key-file", key)
    check(tested.returncode == 0, tested.stdout)
    with urllib.request.urlopen(deploy.ready["origin"] + "/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return {re.match(r"\w+", line).group(0) for line in lines if line and not line.startswith("#")}


def asked(dashboard):
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return set(re.findall(r"\b((?:mcpgate|process)_\w+)", " ".join(expressions)))


@case
def every_metric_of_the_dashboard_is_in_a_scrape_and_the_other_way_round(deploy):
    dashboard = json.loads(deploy.file("grafana.json"))
    there = families(deploy)
    unknown = asked(dashboard) - there
    check(asked(dashboard) and not unknown, f"not exposed: {unknown}")
    shown = {re.sub("_(bucket|sum|count)$", "", name) for name in asked(dashboard)}
    hidden = {re.sub("_(bucket|sum|count)$", "", name) for name in there} - shown
    check(not hidden, f"no panel shows {hidden}")
    check("mcpgate_ready" in dashboard["templating"]["list"][1]["query"]["query"])


@case
def the_panels_of_the_dashboard_do_not_overlap(deploy):
    taken = set()
    panels = json.loads(deploy.file("grafana.json"))["panels"]
    check(len({panel["id"] for panel in panels}) == len(panels))
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        check(place["x"] + place["w"] <= 24 and not cells & taken, panel["title"])
        taken |= cells


def main():
    parser = argparse.ArgumentParser()
    for name in ("root", "programs", "stage"):
        parser.add_argument("--" + name, required=True)
    deploy = Deploy(**vars(parser.parse_args()))
    passed = failed = 0
    try:
        for one in CASES:
            name = one.__name__.replace("_s_", "'s ").replace("_", " ")
            try:
                one(deploy)
            except Unavailable as error:
                failed += error.is_fault
                print(f"{'not ok' if error.is_fault else '--'} {name}: not installed: {error}")
                continue
            except Exception as error:  # one broken case is one failure
                failed += 1
                print(f"not ok {name}: {error}")
                continue
            passed += 1
            print(f"ok {name}")
    finally:
        deploy.close()
    print(f"{passed} passed, {failed} failed")
    if failed or not passed:
        return 1
    return 0


sys.exit(main())

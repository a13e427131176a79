"""Readers in other languages: installed once into a cache outside the source tree, pinned."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess

import reader_matrix

HERE = pathlib.Path(__file__).resolve().parent
SPARK = "4.3.0"
INSTALL_TIMEOUT_S, RUN_TIMEOUT_S = 280, 280


class Missing(Exception):
    """Why a reader cannot run here."""


def workspace(name, *files):
    """A folder of the cache that belongs to these files as they are now."""
    content = b"".join(path.read_bytes() for path in files)
    folder = reader_matrix.CACHE / ("%s-%s" % (name, hashlib.sha256(content).hexdigest()[:16]))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def need(program):
    if shutil.which(program) is None:
        raise Missing("%s is not installed" % program)


def install(command, folder, stamp):
    """Runs an installer unless its stamp is there."""
    if (folder / stamp).exists():
        return
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                              timeout=INSTALL_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise Missing("%s did not end within %d s" % (command[0], INSTALL_TIMEOUT_S)) from None
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Missing("%s could not install: %s" % (command[0], "".join(last)[:200]))
    (folder / stamp).touch()


def node_command(script):
    need("node")
    need("npm")
    folder = workspace("node", HERE / "node" / "package.json")
    for path in (HERE / "node").iterdir():
        shutil.copy(path, folder)
    install(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"], folder, ".installed")
    return ["node", str(folder / script)]


def java_command():
    need("java")
    need("javac")
    need("mvn")
    sources = sorted((HERE / "java").glob("*.java"))
    pom = HERE / "java" / "pom.xml"
    packages = workspace("java", pom)
    shutil.copy(pom, packages)
    install(["mvn", "--quiet", "--batch-mode", "dependency:build-classpath", "-Dmdep.outputFile=class_path"],
            packages, ".installed")
    class_path = (packages / "class_path").read_text().strip()
    classes = workspace("java-classes", pom, *sources)
    install(["javac", "-cp", class_path, "-d", str(classes), *map(str, sources)], classes, ".compiled")
    return ["java", "-cp", os.pathsep.join((str(classes), class_path)), "ParquetJavaReader"]


def spark_python():
    """A Python of its own with pyspark, about 450 MB."""
    need("java")
    folder = workspace("spark-" + SPARK)
    install(["sh", "-c", 'python3 -m venv venv && venv/bin/pip install -q "$0"', "pyspark==" + SPARK], folder, ".installed")
    return str(folder / "venv" / "bin" / "python")


def run(command, *arguments):
    done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, check=False,
                          timeout=RUN_TIMEOUT_S)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def run_json(command, *arguments):
    return [json.loads(line) for line in run(command, *arguments).splitlines()]

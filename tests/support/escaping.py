"""What the process runs that reads files, with a reader that tries to do what it must not, and tells what it could."""

# What is tried are system calls.
# ruff: noqa: PTH101, PTH102, PTH104, PTH107, PTH208, PTH211

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading

from retrieval.documents import isolation, readers
from retrieval.documents.document import Block, Document

PARENT = os.getppid()
libc = ctypes.CDLL(None, use_errno=True)


def succeed(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def fork():
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def read_memory():
    word = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(word), 8)
    succeed(libc.process_vm_readv(PARENT, vector, 1, vector, 1, 0))


def connect(kind, address):
    with socket.socket(kind, socket.SOCK_STREAM) as connection:
        connection.connect(address)


def send(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.sendto(b"secret", ("127.0.0.1", port))


def open_file(path, flags):
    os.close(os.open(path, flags))


def attempts(folder, port):
    document, new = f"{folder}/document.txt", f"{folder}/new.txt"
    return {
        "read": {
            "a document": lambda: open_file(document, os.O_RDONLY),
            "a folder": lambda: os.listdir(folder),
            "a file of the system": lambda: open_file("/etc/hosts", os.O_RDONLY),
        },
        "write": {
            "a new file": lambda: open_file(new, os.O_WRONLY | os.O_CREAT),
            "a document": lambda: open_file(document, os.O_RDWR),
            "a shorter document": lambda: open_file(document, os.O_RDONLY | os.O_TRUNC),
            "nothing": lambda: os.truncate(document, 0),
            "a folder": lambda: os.mkdir(new),
            "another name": lambda: os.rename(document, new),
            "a link": lambda: os.symlink("/", new),
            "no document": lambda: os.remove(document),
        },
        "connect": {
            "by TCP": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
            "by UDP": lambda: send(port),
            "by a file": lambda: connect(socket.AF_UNIX, f"{folder}/socket"),
        },
        "start": {
            "fork": fork,
            "a program": lambda: subprocess.run(["/bin/true"], check=True),
            "a namespace": lambda: succeed(libc.unshare(0x00020000)),
        },
        "inspect": {
            "variables": lambda: open_file(f"/proc/{PARENT}/environ", os.O_RDONLY),
            "memory": lambda: open_file(f"/proc/{PARENT}/mem", os.O_RDONLY),
            "memory by a call": read_memory,
            "ptrace": lambda: succeed(libc.ptrace(16, PARENT, None, None)),
            "a signal": lambda: os.kill(PARENT, 0),
        },
    }


def read(path, data, limits):
    if path == "rights.txt":
        return told(path, data, {"mode": attempt(lambda: os.chmod(json.loads(data)["folder"], 0o500))})
    if path == "thread.txt":
        said = []
        thread = threading.Thread(target=said.append, args=["a thread"])
        thread.start()
        thread.join()
        return told(path, data, {"said": said})
    outcomes = {
        kind: {name: attempt(function) for name, function in kinds.items()}
        for kind, kinds in attempts(**json.loads(data)).items()
    }
    return told(path, data, outcomes)


def attempt(function):
    try:
        function()
    except OSError as error:
        return type(error).__name__
    return "done"


def told(path, data, outcomes):
    text = json.dumps(outcomes)
    return Document(path, readers.fingerprint(data), "1", None, text, (Block(0, len(text)),))


readers.read = read
isolation.main(sys.argv[1])

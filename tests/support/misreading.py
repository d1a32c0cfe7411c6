"""What the process runs that reads files, with a reader that does what a hostile file might make it do."""

import os
import sys
import time

from retrieval.documents import isolation, readers
from retrieval.documents.document import Block, Document
from retrieval.documents.readers.scan.budget import begin_page


def read(path, data, limits):  # noqa: C901 - one case a line
    match path:
        case "crash.txt":
            os.abort()
        case "hang.txt":
            time.sleep(3600)
        case "eat.txt":
            bytearray(1 << 40)
        case "print.txt":
            print('{"error": "printed"}', flush=True)  # noqa: T201
        case "variables.txt":
            data = "\n".join(os.environ).encode()
        case "slow.scan.txt":
            for _ in range(3):
                begin_page()
                time.sleep(0.9)
        case "hanging.scan.txt":
            begin_page()
            time.sleep(3600)
        case "crashing.scan.txt":
            begin_page()
            os.abort()
        case "loop.txt":
            while True:
                pass
    text = data.decode()
    return Document(path, readers.fingerprint(data), "1", None, text, (Block(0, len(text)),))


def draw_page(path, data, page, marks, limits):
    os.abort()


readers.read = read
readers.draw_page = draw_page
isolation.main(sys.argv[1])

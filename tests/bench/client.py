"""A client that remembers what it was told, request by request: wrk only counts."""
import re
import selectors
import socket
from contextlib import ExitStack, closing

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Line:
    """A connection with at most one request under way."""

    def __init__(self, port, address="127.0.0.1", patience=30):
        self.name, self.got = None, b""
        self.socket = socket.create_connection(("127.0.0.1", port), patience, (address, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, name, request):
        self.name, self.got = name, b""
        self.socket.sendall(request)

    def hear(self):
        """Reads what has come: (status, body) once the answer is whole, None before."""
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise ConnectionResetError("the server closed the connection")
        self.got += piece
        head, end, body = self.got.partition(b"\r\n\r\n")
        if not end:
            return None
        length = LENGTH.search(head)
        if length and len(body) < int(length[1]):
            return None
        return int(head.split(None, 2)[1]), body

    def close(self):
        self.socket.close()


def send(server, requests, connections, enough=0, then=None):
    """Sends each of (name, request) once, over so many connections: {name: body} of what was accepted.

    As soon as `enough` are, `then` is called, and the rest is neither sent nor heard."""
    accepted = {}
    left = iter(requests)
    with ExitStack() as stack:
        ready = stack.enter_context(selectors.DefaultSelector())

        def go_on(line):
            following = next(left, None)
            if following is None:
                ready.unregister(line.socket)
            else:
                line.ask(*following)

        for _ in range(connections):
            line = stack.enter_context(closing(Line(server.port)))
            ready.register(line.socket, selectors.EVENT_READ, line)
            go_on(line)
        while ready.get_map():
            for key, _ in ready.select():
                line = key.data
                answer = line.hear()
                if answer is None:
                    continue
                status, body = answer
                if not 200 <= status < 300:
                    raise SystemExit(f"bench: {line.name} was refused: {status} {body.decode()}")
                accepted[line.name] = body
                if len(accepted) == enough:
                    then()
                    return accepted
                go_on(line)
    return accepted


def ask(port, request, address="127.0.0.1", patience=30):
    """One request over a connection of its own, from that address: (status, body)."""
    with closing(Line(port, address, patience)) as line:
        line.ask(None, request)
        while True:
            answer = line.hear()
            if answer is not None:
                return answer

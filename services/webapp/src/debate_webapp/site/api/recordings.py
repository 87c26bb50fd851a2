"""A recording in a folder, handed to the server as a file to send: it takes no thread."""

from pathlib import Path

from flask import Response, request, send_file
from werkzeug.wsgi import wrap_file


def send_recording(path: Path) -> Response:
    """The file, the range that was asked for, or 304 and 416.

    Werkzeug cuts a range out of a file in the thread that made the response; a server's own
    `wsgi.file_wrapper` sends Content-Length bytes from wherever the file stands.
    """
    answer = send_file(path, conditional=True, max_age=0)
    start = answer.content_range.start if answer.status_code == 206 else None
    if start is not None and "wsgi.file_wrapper" in request.environ:
        answer.close()
        file = path.open("rb")
        file.seek(start)
        answer.response = wrap_file(request.environ, file)
    return answer

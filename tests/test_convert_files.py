"""Files of arrays that `lstmspec convert` reads and writes: damaged, odd, and in places where something stands."""

import io
import os
import stat
import warnings
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner
from converting import parameters, sizes_of

from lstmspec.cli import main

WORDS = ("convert", "LSTM", "spec", "keras")


def convert(given, made):
    done = CliRunner().invoke(main, [*WORDS, str(given), str(made)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture
def spec(tmp_path):
    """A file of parameters."""
    place = tmp_path / "spec.npz"
    np.savez(place, **parameters("LSTM", sizes_of("LSTM")))
    return place


def saved(array, **options):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, **options)
    return stream.getvalue()


def header(text):
    """A file whose header says anything, with a few numbers behind it."""
    body = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(body).to_bytes(2, "little") + body + b"\0" * 64


def with_member(name, content):
    """A change of an archive: another member in it."""

    def do(place):
        with zipfile.ZipFile(place, "a") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that there are already
            archive.writestr(name, content)

    return do


def corrupted(place):
    content = bytearray(place.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8] = b"\xff" * 8
    place.write_bytes(content)


def encrypted(place):
    content = bytearray(place.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(sign)
        content[at + offset] |= 1  # the flag alone: there is no password that would open it
    place.write_bytes(content)


def with_first_bytes_of_another(place):
    place.write_bytes(b"XX" + place.read_bytes()[2:])


def without_name(place):
    with_member("x.npy", b"mine")(place)
    place.write_bytes(place.read_bytes().replace(b"x.npy", b"\0.npy"))


DAMAGED = {
    "not from the first byte on": (with_first_bytes_of_another, "damaged, encrypted, or no plain array (BadZipFile)"),
    "more than the header says": (
        with_member("x.npy", saved(np.zeros(5)) + b"\0" * 8),
        "`x` is damaged: there is more than its header says",
    ),
    "doubles as floats": (
        with_member("x.npy", saved(np.zeros(5)).replace(b"<f8", b"<f4")),
        "`x` is damaged: there is more than its header says",
    ),
    "no name": (without_name, "`` is no array, as numpy.savez writes it"),
    "two of one name": (with_member("b_f.npy", saved(np.zeros(5))), "has two arrays `b_f`"),
    "one without its ending": (with_member("b_f", saved(np.zeros(5))), "has two arrays `b_f`"),
    "cut off": (lambda place: place.write_bytes(place.read_bytes()[:-100]), "is no .npz of plain arrays"),
    "corrupted": (corrupted, "is damaged, encrypted, or no plain array (BadZipFile)"),
    "encrypted": (encrypted, "is damaged, encrypted, or no plain array (RuntimeError)"),
    "objects": (
        with_member("x.npy", saved(np.array([{}]), allow_pickle=True)),
        "`x` is damaged, encrypted, or no plain",
    ),
    "words": (with_member("notes\n.txt", "mine"), "`notes\\n.txt` is no array, as numpy.savez writes it"),
    "terabytes": (
        with_member("x.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }")),
        "`x` is damaged, encrypted, or no plain array",
    ),
    "a shape below zero": (
        with_member("x.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (-3,), }")),
        "`x` is damaged, encrypted, or no plain array",
    ),
    "no type": (
        with_member("x.npy", header("{'descr': 3, 'fortran_order': False, 'shape': (1,), }")),
        "`x` is damaged",
    ),
    "no header": (with_member("x.npy", header("((((((((")), "`x` is damaged"),
    "another format": (with_member("x.npy", b"\x93NUMPY\x09\x00" + b"\0" * 64), "`x` is damaged"),
    "nothing": (with_member("x.npy", b""), "`x` is"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_refused(what, spec, tmp_path):
    do, reason = DAMAGED[what]
    do(spec)
    done = convert(spec, tmp_path / "out.npz")
    assert done.exit_code == 2 and done.stderr.startswith(f"error: {spec}") and done.stderr.count("\n") == 1
    assert reason in done.stderr and os.listdir(tmp_path) == ["spec.npz"]


@pytest.mark.parametrize("kind", ["a pipe", "a device", "a folder"])
def test_only_files_are_read(kind, tmp_path):
    place = tmp_path / "in.npz"
    if kind == "a pipe":
        os.mkfifo(place)
    elif kind == "a folder":
        place.mkdir()
    else:
        place.symlink_to("/dev/zero")
    done = convert(place, tmp_path / "out.npz")
    assert done.exit_code == 2 and "cannot be read: it is " in done.stderr


def test_a_symlink_is_written_through(spec, tmp_path):
    real, link = tmp_path / "real.npz", tmp_path / "link.npz"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to("real.npz")
    assert convert(spec, link).exit_code == 0
    assert link.is_symlink() and list(np.load(real)) == ["kernel", "recurrent_kernel", "bias"]
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_new_file_has_the_permissions_that_the_user_wants(spec, tmp_path):
    before = os.umask(0o027)
    try:
        assert convert(spec, tmp_path / "out.npz").exit_code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.npz").stat().st_mode) == 0o640


@pytest.mark.parametrize("kind", ["a pipe", "a device", "a folder", "a file that is read-only"])
def test_what_must_not_be_replaced_stays(kind, spec, tmp_path):
    place = tmp_path / "out.npz"
    if kind == "a pipe":
        os.mkfifo(place)
    elif kind == "a folder":
        place.mkdir()
    elif kind == "a device":
        place.symlink_to(os.devnull)
    else:
        place.write_bytes(b"old")
        place.chmod(0o444)
    before = os.stat(place)
    done = convert(spec, place)
    assert done.exit_code == 2 and f"error: {place} cannot be written: it is " in done.stderr
    assert os.path.samestat(os.stat(place), before) and os.stat(place).st_mtime_ns == before.st_mtime_ns
    assert sorted(os.listdir(tmp_path)) == ["out.npz", "spec.npz"]

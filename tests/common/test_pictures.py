"""Pictures drawn anew: whatever kind they were saved in, what they show can be seen."""

import io
from typing import cast

import pillow_heif
import pytest
from PIL import Image, ImageDraw

from common import pictures
from verification.documents import intake


def printed(mode="RGB", *, paper="white", ink="black", size=(300, 200)):
    """A picture of `mode` with a bar of ink across the middle of its paper."""
    image = Image.new(mode, size, paper)
    ImageDraw.Draw(image).rectangle((size[0] // 4, size[1] // 3, size[0] * 3 // 4, size[1] * 2 // 3), fill=ink)
    return image


def saved(image, kind="PNG", **more):
    pillow_heif.register_heif_opener()
    output = io.BytesIO()
    image.save(output, kind, **more)
    return output.getvalue()


def kept(content):
    accepted = intake.accept(io.BytesIO(content))
    return accepted, Image.open(io.BytesIO(accepted.content)).convert("L")


def palette():
    image = printed(paper="white", ink="white").quantize(2)
    image.putpalette([255, 255, 255, 255, 255, 255])
    ImageDraw.Draw(image).rectangle((75, 66, 225, 133), fill=1)
    return image


DEEP = printed("I;16", paper=65535, ink=20_000)
DIM = printed("I;16", paper=4_095, ink=300)
CLEAR = (0, 0, 0, 0)
TURNED = Image.Exif()
TURNED[0x0112] = 6
KINDS = {
    "16-bit gray": saved(DEEP),
    "12-bit gray": saved(DIM, "TIFF"),
    "32-bit integers": saved(printed("I", paper=70_000, ink=0), "TIFF"),
    "floats": saved(printed("F", paper=1.0, ink=0.0), "TIFF"),
    "1 bit": saved(printed("1", paper=1, ink=0)),
    "fax": saved(printed("1", paper=1, ink=0), "TIFF", compression="group4"),
    "CMYK": saved(printed("CMYK", paper=(0, 0, 0, 0), ink=(0, 0, 0, 255)), "JPEG"),
    "white on nothing": saved(printed("RGBA", paper=CLEAR, ink="white")),
    "black on nothing": saved(printed("RGBA", paper=CLEAR, ink="black")),
    "gray with alpha": saved(printed("LA", paper=(0, 0), ink=(255, 255))),
    "palette with white on nothing": saved(palette(), transparency=0),
    "a color that is transparent": saved(printed(paper="white", ink=(250, 250, 250)), transparency=(255, 255, 255)),
    "HEIC": saved(printed(), "HEIF"),
    "AVIF": saved(printed(), "AVIF"),
    "WebP": saved(printed("RGBA", paper=CLEAR, ink="white"), "WEBP", lossless=True),
    "BMP": saved(printed(), "BMP"),
    "GIF": saved(printed(), "GIF"),
    "animation that begins blank": saved(printed(ink="white"), save_all=True, append_images=[printed()], duration=9),
    "a profile that does not fit": saved(printed("L", paper=255, ink=0), icc_profile=b"LEAK" * 50),
}


@pytest.mark.slow
@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_a_picture_is_visible_after_drawing(content):
    accepted, seen = kept(content)

    assert accepted.kind in ("png", "jpeg")
    assert accepted.pages == 1
    assert abs(seen.getpixel((150, 100)) - seen.getpixel((20, 20))) > 60
    assert b"LEAK" not in accepted.content


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_a_picture_stands_upright(kind):
    _, seen = kept(saved(printed(), kind, exif=TURNED.tobytes()))  # HEIF and AVIF: turned by the file itself

    assert seen.size == (200, 300)


@pytest.mark.slow
def test_dark_and_light_on_transparency_are_both_visible():
    image = printed("RGBA", paper=CLEAR, ink="white")
    ImageDraw.Draw(image).rectangle((0, 0, 299, 2), fill="black")  # a thin line

    _, seen = kept(saved(image))

    ground = seen.getpixel((10, 100))
    assert seen.getpixel((150, 100)) - ground > 60 < ground - seen.getpixel((150, 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        saved(printed(ink="white")),
        saved(printed("RGBA", paper=CLEAR, ink=CLEAR)),
        saved(printed("I;16", paper=65535, ink=65535)),
        saved(printed("1", paper=1, ink=1), "TIFF", save_all=True, append_images=[printed("1", paper=1, ink=1)]),
    ],
    ids=["white", "transparent", "16 bits", "pages"],
)
def test_a_picture_on_which_nothing_shows_is_refused(content):
    with pytest.raises(intake.Refused, match="blank when we draw it"):
        kept(content)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["TIFF", "HEIF"])
def test_a_file_of_several_pictures_becomes_pages(kind):
    accepted = intake.accept(io.BytesIO(saved(printed(), kind, save_all=True, append_images=[printed(ink="blue")])))

    assert (accepted.kind, accepted.pages) == ("pdf", 2)
    for number in (1, 2):
        seen = Image.open(io.BytesIO(intake.page_image(accepted.content, "pdf", number))).convert("L")
        middle, corner = (cast(int, seen.getpixel(at)) for at in ((seen.width // 2, seen.height // 2), (20, 20)))
        assert middle < 100 < corner


@pytest.mark.slow
def test_the_preview_in_a_raw_photo_is_not_taken_for_the_photo():
    with pytest.raises(intake.Refused, match="a raw photo"):
        kept(saved(printed(), "TIFF", tiffinfo={254: 1}))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "least"), [((1080, 15_000), 1_000), ((15_000, 1080), 1_000), ((6_000, 4_000), 2_000)])
def test_a_picture_is_kept_so_that_its_print_can_be_read(size, least):
    accepted, seen = kept(saved(printed(size=size), "JPEG"))

    assert min(seen.size) >= least
    shown = Image.open(io.BytesIO(intake.page_image(accepted.content, accepted.kind, 1)))
    assert shown.width <= shown.height * 3
    assert shown.width * shown.height >= seen.width * seen.height  # all of it, and no smaller


@pytest.mark.parametrize("size", [(15_000, 1_000), (21_540, 1_400), (4_300, 1_400), (3_000, 300), (60_000, 1)])
def test_a_very_wide_picture_is_shown_in_rows_that_hold_all_of_it(size):
    width, height = size
    wide = Image.new("RGB", size, "white")
    for left in range(0, width, 50):  # marks that no cut may lose
        wide.putpixel((left, height - 1), (0, 0, left // 256))
        wide.putpixel((left + 1, height - 1), (0, 1, left % 256))

    shown = pictures.in_rows(wide)

    found = {shown.getpixel((x, y)) for y in range(height - 1, shown.height, height + 24) for x in range(shown.width)}
    assert found >= {(0, 0, left // 256) for left in range(0, width, 50)}
    assert found >= {(0, 1, left % 256) for left in range(0, width, 50)}
    assert 1_400 <= shown.width <= 2_100
    assert shown.height <= pictures.LONGEST_SIDE


@pytest.mark.parametrize("size", [(1_080, 15_000), (3_500, 2_000), (1_200, 100)])
def test_any_other_picture_is_shown_as_it_is(size):
    page = Image.new("RGB", size)

    assert pictures.in_rows(page) is page


@pytest.mark.slow
def test_a_photo_of_200_million_pixels_is_scaled_down():
    _, seen = kept(saved(printed("L", paper=255, ink=0, size=(16_320, 12_240)), "JPEG"))

    assert seen.size == (3_500, 2_625)

"""Compare the numbers of records whatever script their digits are of, and without more of the labels typed with them.

A generated column cannot be altered, so it is dropped with what rests on it, and made anew.
"""

from django.db import migrations, models
from django.db.models.functions import Upper

LABELS = (
    "CERTIFICATIONS?|CERTIFICATES?|CERTIFICADO|CERTIFICACION|CERT(?:ID|NO|NUM|NUMBER)?|NUMBER|NUMERO|NUM|NBR|NOS?|N[.]O|NR|N°|"
    "IDENTIFICATION|IDENTIFIER|ID|I[.]D|REFERENCE|REFERENCIA|REF|REGISTRATION|REGISTRO|REG|LICENSE|LICENCE|LICENCIA|LIC|"
    "PERMIT|VENDOR|SUPPLIER|ACCOUNT|ACCT|FILE|MEMBERSHIP|MEMBER|CONTROL|TRACKING|APPLICATION|DOCUMENT|SERIAL|CASE|CODE|"
    "UEI|CAGE|DUNS"
)
LOOK_LATIN = dict(zip("АВЕКМНОРСТХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXIJSABEZHIKMNOPTYX", strict=True))  # noqa: RUF001
LOOK_LATIN |= {letter.lower(): latin for letter, latin in LOOK_LATIN.items()}
ZEROS = (
    "\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0\u0f20"
    "\u1040\u1090\u17e0\u1810\u1946\u19d0\u1a80\u1a90\u1b50\u1bb0\u1c40\u1c50\ua620\ua8d0\ua900\ua9d0"
    "\ua9f0\uaa50\uabf0"
)
TYPED = str.maketrans(LOOK_LATIN) | {ord(zero) + digit: str(digit) for zero in ZEROS for digit in range(10)}


def replaced(text, pattern, kept):
    return models.Func(
        text,
        models.Value(pattern),
        models.Value(kept),
        models.Value("g"),
        function="regexp_replace",
        output_field=models.TextField(),
    )


normalized = models.Func(
    models.F("number"), output_field=models.TextField(), template="normalize(%(expressions)s, NFKD)"
)
typed = models.Func(
    normalized,
    models.Value("".join(map(chr, TYPED))),
    models.Value("".join(TYPED.values())),
    function="translate",
    output_field=models.TextField(),
)
key = Upper(replaced(typed, "[^ -~°]", ""))
label = f"(?<![A-Z0-9])({LABELS})(?![A-Z])([.]? (DEL?|OF) (?=(?:{LABELS})(?![A-Z]))|[ .:#]* (?:IS|ES)(?=[ :]|$))?"
for pattern, kept in ((label, " "), ("[^A-Z0-9]", ""), ("(^|[A-Z])0+", r"\1")):
    key = replaced(key, pattern, kept)


class Migration(migrations.Migration):
    dependencies = [("certifications", "0019_spelled_out")]

    operations = [
        migrations.RemoveConstraint("certification", "certification_once_a_profile"),
        migrations.RemoveIndex("certification", "certification_number"),
        migrations.RemoveField("certification", "number_key"),
        migrations.AddField(
            "certification",
            "number_key",
            models.GeneratedField(
                db_persist=True,
                expression=key,
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            "certification", models.Index(fields=["certificate", "number_key"], name="certification_number")
        ),
        migrations.AddConstraint(
            "certification",
            models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("profile", "certificate", "body_key", "number_key"),
                name="certification_once_a_profile",
                violation_error_message="You have already added this certification.",
            ),
        ),
    ]

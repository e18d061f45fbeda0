"""Compare the numbers of records without the labels and padding typed with them.

A generated column cannot be altered, so it is dropped with what rests on it, and made anew.
"""

from django.db import migrations, models
from django.db.models.functions import Upper

LABELS = (
    "CERTIFICATION|CERTIFICATE|CERTIFICADO|CERT|NUMBER|NUMERO|NUM|NBR|NO|NR|N°|IDENTIFICATION|IDENTIFIER|ID|"
    "REFERENCE|REF|REGISTRATION|REG|VENDOR|SUPPLIER|ACCOUNT|ACCT|FILE"
)


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
key = Upper(replaced(normalized, "[^ -~°]", ""))
key = replaced(key, f"(?<![A-Z0-9])({LABELS})(?![A-Z])", " ")
key = replaced(key, "[^A-Z0-9]", "")
key = replaced(key, "(^|[A-Z])0+", r"\1")


class Migration(migrations.Migration):
    dependencies = [("certifications", "0010_evidence_not_before_the_certificate")]

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

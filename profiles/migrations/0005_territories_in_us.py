from django.db import migrations, models

TERRITORIES = ("AS", "GU", "MP", "PR", "UM", "VI")
CODES = ", ".join(f"'{code}'" for code in TERRITORIES)


class Migration(migrations.Migration):
    dependencies = [("profiles", "0004_folded_search")]

    operations = [
        migrations.RunSQL(
            f"UPDATE profiles_profile SET state = country, country = 'US' WHERE country IN ({CODES})",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="profile",
            constraint=models.CheckConstraint(
                name="profile_territory_in_us",
                condition=~models.Q(country__in=TERRITORIES),
                violation_error_message="A U.S. territory is kept as a state of the United States.",
            ),
        ),
    ]

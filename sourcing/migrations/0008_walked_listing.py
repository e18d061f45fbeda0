"""The listing of certified profiles is read in an order without its table: both indexes hold all that a search asks.

Where one in a hundred fits, some thousand rows are looked at in the order of the page, each on a page of its own in
the table and side by side in the index. So `terms` is kept small and as it is: without places of words, which no search
asks for, and never compressed, since it would be unpacked for each row that is looked at.

An entry of an index holds at most 2,704 bytes, of which a name may take 400. Therefore `terms` is at most 2,200: that
of thirty skills of twenty letters, with a name and a headline, fits. Of what is longer the last skills are left out.
"""

from django.db import migrations, models

MOST = 2200
FIRST = """
CREATE FUNCTION sourcing_first(terms tsvector, most integer) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE WHEN pg_column_size(strip(terms)) <= most THEN strip(terms) ELSE (
    SELECT array_to_tsvector(array_agg(lexeme)) FROM (
        -- Filters and the name's words, then all words in their places, then skills; four bytes for each entry.
        SELECT lexeme, 8 + sum(octet_length(lexeme) + 4) OVER (
            ORDER BY lexeme LIKE '~skill/%', positions[1] NULLS FIRST, lexeme
        ) AS size FROM unnest(terms)
    ) AS entry WHERE size <= most
) END $$;
"""
VIEW = f"""
ALTER VIEW sourcing_certified_expected RENAME TO sourcing_certified_whole;
CREATE VIEW sourcing_certified_expected AS
SELECT profile_id, active_at, name_key, state, hourly_rate, sourcing_first(terms, {MOST}) AS terms, valid_until
FROM sourcing_certified_whole;
ALTER TABLE sourcing_certifiedlisting ALTER COLUMN terms SET STORAGE EXTERNAL;
SELECT sourcing_refresh_certified(ARRAY(SELECT profile_id FROM sourcing_certifiedlisting));
"""
READ = ['state', 'hourly_rate', 'valid_until', 'terms']


class Migration(migrations.Migration):

    dependencies = [
        ('sourcing', '0007_certified_listing'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='certifiedlisting', name='listing_certified_active'),
        migrations.RemoveIndex(model_name='certifiedlisting', name='listing_certified_name'),
        migrations.RunSQL(FIRST),
        migrations.RunSQL(VIEW),
        migrations.AddIndex(
            model_name='certifiedlisting',
            index=models.Index(fields=['-active_at', '-profile'], include=READ, name='listing_certified_active'),
        ),
        migrations.AddIndex(
            model_name='certifiedlisting',
            index=models.Index(fields=['name_key', 'profile'], include=READ, name='listing_certified_name'),
        ),
    ]

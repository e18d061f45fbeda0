"""Profiles and clients are searched by folded words, see common/searching.py."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0003_folding_functions'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='name_key',
            field=models.GeneratedField(db_persist=True, expression=models.Func(models.F('name'), function='squashed', output_field=models.TextField()), output_field=models.TextField()),
        ),
        # A generated column cannot be altered.
        migrations.RemoveIndex(model_name='profile', name='profile_search'),
        migrations.RemoveField(model_name='profile', name='search'),
        migrations.AddField(
            model_name='profile',
            name='search',
            field=models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector(models.Func(models.F('name'), function='searched_words', output_field=models.TextField()), config='simple', weight='A'), '||', django.contrib.postgres.search.SearchVector(models.Func(models.F('headline'), function='searched_words', output_field=models.TextField()), config='simple', weight='B'), django.contrib.postgres.search.SearchConfig('simple')), '||', django.contrib.postgres.search.SearchVector(models.Func(models.Func(models.F('skills'), models.Value(' '), function='text_array_join', output_field=models.TextField()), function='searched_words', output_field=models.TextField()), config='simple', weight='B'), django.contrib.postgres.search.SearchConfig('simple')), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='profile_search'),
        ),
    ]

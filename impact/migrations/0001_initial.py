import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('certifications', '0001_initial'),
        ('profiles', '0001_initial'),
        ('rollout', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContractFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('added', models.PositiveIntegerField(verbose_name='rows added')),
                ('changed', models.PositiveIntegerField(verbose_name='rows changed')),
                ('unchanged', models.PositiveIntegerField(verbose_name='rows unchanged')),
                ('refused', models.PositiveIntegerField(verbose_name='rows skipped')),
                ('notes', models.JSONField(default=list)),
                ('problems', models.JSONField(default=list)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='DrawnClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plan', models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20)),
                ('is_held_out', models.BooleanField(verbose_name='held out')),
                ('since', models.DateField(verbose_name='counts from the week of')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.client')),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='rollout.rolloutpolicy')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ClientWeek',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField(verbose_name='week from Monday')),
                ('measure', models.CharField(choices=[('invitations', 'Invitations'), ('acceptances', 'Acceptances'), ('declines', 'Declines'), ('contracts', 'Contracts started'), ('spend', 'Spend'), ('ended_early', 'Contracts ended early by the client'), ('ratings', 'Rating')], max_length=20)),
                ('x', models.FloatField()),
                ('y', models.FloatField()),
                ('type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='certifications.certificationtype')),
                ('drawn', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='weeks', to='impact.drawnclient')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField(verbose_name='week from Monday')),
                ('plan', models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20)),
                ('is_held_out', models.BooleanField(verbose_name='held out')),
                ('measure', models.CharField(choices=[('invitations', 'Invitations'), ('acceptances', 'Acceptances'), ('declines', 'Declines'), ('contracts', 'Contracts started'), ('spend', 'Spend'), ('ended_early', 'Contracts ended early by the client'), ('ratings', 'Rating')], max_length=20)),
                ('profiles', models.PositiveIntegerField(verbose_name='businesses counted')),
                ('views', models.PositiveBigIntegerField(verbose_name='views by these clients')),
                ('n', models.PositiveIntegerField(verbose_name='clients')),
                ('acting', models.PositiveIntegerField(verbose_name='clients that did any')),
                ('acting_profiles', models.PositiveIntegerField(verbose_name='businesses they did it with')),
                ('x', models.FloatField()),
                ('y', models.FloatField()),
                ('xx', models.FloatField()),
                ('xy', models.FloatField()),
                ('yy', models.FloatField()),
                ('week_x', models.FloatField()),
                ('week_y', models.FloatField()),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rollout.rolloutpolicy')),
                ('type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='certifications.certificationtype')),
            ],
            options={
                'verbose_name': 'weekly sum',
                'verbose_name_plural': 'monitor',
                'ordering': ['-week', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='WeekOfActs',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField(verbose_name='week from Monday')),
                ('kind', models.CharField(choices=[('hidden', 'Owners who hid or removed it'), ('concern', 'Concerns reported')], max_length=10)),
                ('count', models.PositiveIntegerField()),
                ('type', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='certifications.certificationtype')),
            ],
            options={
                'ordering': ['-week', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(max_length=20)),
                ('week', models.DateField(verbose_name='week from Monday')),
                ('words', models.TextField(verbose_name='what was found')),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('told_at', models.DateTimeField(null=True)),
                ('has_stopped_type', models.BooleanField(default=False, verbose_name='paused the type')),
                ('closed_at', models.DateTimeField(null=True)),
                ('note', models.TextField(blank=True, max_length=1000, verbose_name='what was decided')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='certifications.certificationtype')),
            ],
            options={
                'ordering': ['-pk'],
                'permissions': [('close_alarm', 'Can close alarms')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('type', 'about'), name='alarm_open_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('closed_at', None), models.Q(('note', ''), _negated=True), _connector='OR'), name='alarm_closed_with_a_note', violation_error_message='Say what was decided')],
            },
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=80, unique=True, verbose_name="number in the marketplace's books")),
                ('started_on', models.DateField()),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('is_ended_early', models.BooleanField(default=False, verbose_name='ended early by the client')),
                ('spend', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='spend (USD)')),
                ('rating', models.DecimalField(blank=True, decimal_places=2, max_digits=3, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)])),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.client')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.DB_CASCADE, related_name='+', to='profiles.profile')),
            ],
            options={
                'ordering': ['-started_on', '-pk'],
                'indexes': [models.Index(fields=['started_on'], name='contract_started')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='contract_ends_after_it_starts', violation_error_message='The contract ends before it starts'), models.CheckConstraint(condition=models.Q(('is_ended_early', False), ('ended_on__isnull', False), _connector='OR'), name='contract_ended_early_has_ended', violation_error_message='A contract that ended early needs an end date'), models.CheckConstraint(condition=models.Q(('spend__gte', 0)), name='contract_spend_positive', violation_error_message='Spend is not negative'), models.CheckConstraint(condition=models.Q(('rating', None), models.Q(('rating__gte', 1), ('rating__lte', 5)), _connector='OR'), name='contract_rating_in_range', violation_error_message='A rating is from 1 to 5')],
            },
        ),
        migrations.AddConstraint(
            model_name='drawnclient',
            constraint=models.UniqueConstraint(fields=('draw', 'client'), name='client_drawn_once'),
        ),
        migrations.AddConstraint(
            model_name='clientweek',
            constraint=models.UniqueConstraint(fields=('drawn', 'week', 'type', 'measure'), name='client_week_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='tally',
            constraint=models.UniqueConstraint(fields=('week', 'plan', 'is_held_out', 'type', 'measure'), name='tally_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='weekofacts',
            constraint=models.UniqueConstraint(fields=('week', 'type', 'kind'), name='week_of_acts_once'),
        ),
    ]

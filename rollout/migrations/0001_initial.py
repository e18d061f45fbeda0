import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import rollout.models.policy
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RolloutPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plans', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('basic', 'Basic'), ('plus', 'Plus'), ('business', 'Business'), ('enterprise', 'Enterprise')], max_length=20), blank=True, default=rollout.models.policy.first_plans, verbose_name='visible to')),
                ('holdout_percent', models.PositiveSmallIntegerField(default=0, help_text='Randomly chosen clients on each plan who see no certifications, for comparison.', validators=[django.core.validators.MaxValueValidator(50)], verbose_name='holdout (% of clients)')),
                ('holdout_key', models.CharField(default=rollout.models.policy.new_key, editable=False, max_length=32)),
                ('is_paused', models.BooleanField(default=False, help_text='No client sees any certification.', verbose_name='stop showing certifications')),
                ('paused_types', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, verbose_name='paused types')),
                ('pauses_on_alarm', models.BooleanField(default=True, help_text='If the monitor finds harm to businesses with a type, that type is paused until someone decides.', verbose_name='pause a type on an alarm')),
                ('starts_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='starts')),
                ('reason', models.TextField(max_length=1000)),
                ('cancels_planned', models.BooleanField(default=False, help_text="If you don't select this, scheduled changes still start on their dates.", verbose_name='cancel what is scheduled')),
                ('is_widening', models.BooleanField(default=False, editable=False, verbose_name='needs approval')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='proposed')),
                ('confirmed_at', models.DateTimeField(editable=False, null=True, verbose_name='approved')),
                ('declined_at', models.DateTimeField(editable=False, null=True, verbose_name='declined')),
                ('carries', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rollout.rolloutpolicy', verbose_name='keeps the plan of')),
                ('confirmed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('declined_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rollout.rolloutpolicy')),
            ],
            options={
                'verbose_name': 'roll-out change',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', False)), fields=('replaces',), name='rollout_policy_replaced_once', nulls_distinct=False, violation_error_message='Something was decided since. Check it, then propose your change again.'), models.CheckConstraint(condition=models.Q(('is_widening', False), ('confirmed_at', None), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='rollout_policy_widened_by_two', violation_error_message='Another person must approve what you proposed'), models.CheckConstraint(condition=models.Q(('confirmed_at', None), ('declined_at', None), _connector='OR'), name='rollout_policy_decided_once', violation_error_message='It is confirmed or declined, not both'), models.CheckConstraint(condition=models.Q(('holdout_percent__lte', 50)), name='rollout_policy_holdout', violation_error_message='At most 50 percent can be held out'), models.UniqueConstraint(fields=('carries',), name='rollout_policy_carried_once', violation_error_message='A plan is kept by one later policy')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rolloutpolicy',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='1a9a10ee97f0b3e9dc67e5fdd02fdaf39a715ffe', operation='DELETE', pgid='pgtrigger_never_deleted_b77de', table='rollout_rolloutpolicy', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rolloutpolicy',
            trigger=pgtrigger.compiler.Trigger(name='never_edited', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."plans" IS DISTINCT FROM (NEW."plans") OR OLD."holdout_percent" IS DISTINCT FROM (NEW."holdout_percent") OR OLD."holdout_key" IS DISTINCT FROM (NEW."holdout_key") OR OLD."is_paused" IS DISTINCT FROM (NEW."is_paused") OR OLD."paused_types" IS DISTINCT FROM (NEW."paused_types") OR OLD."pauses_on_alarm" IS DISTINCT FROM (NEW."pauses_on_alarm") OR OLD."starts_at" IS DISTINCT FROM (NEW."starts_at") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."cancels_planned" IS DISTINCT FROM (NEW."cancels_planned") OR OLD."carries_id" IS DISTINCT FROM (NEW."carries_id") OR OLD."is_widening" IS DISTINCT FROM (NEW."is_widening") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d631df5f29f944c39d6d53bf78ca30f4813bfe3e', operation='UPDATE', pgid='pgtrigger_never_edited_5ebb4', table='rollout_rolloutpolicy', when='BEFORE')),
        ),
    ]

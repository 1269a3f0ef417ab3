from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("care", "0001_leases")]

    operations = [
        migrations.AlterModelTable("Lease", "care_lease"),
        migrations.RenameModel("Lease", "InstanceLease"),
        migrations.AlterField("InstanceLease", "until", models.DateTimeField(null=True)),
        # On the way back: the older table takes no empty time, and a lease may go at any moment.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM care_lease"),
    ]

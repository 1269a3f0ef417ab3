from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('torrents', '0020_md5'),
    ]

    operations = [
        migrations.AddField(
            model_name='editrequest',
            name='lasts',
            field=models.BooleanField(default=False),
        ),
    ]

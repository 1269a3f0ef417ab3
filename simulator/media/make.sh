#!/bin/sh
# Make the films and recordings of this folder: a test pattern with a clock, and a tone. simulator/media.py serves them.
set -eu
cd "$(dirname "$0")"
ff() { ffmpeg -hide_banner -loglevel error -nostdin -y -bitexact "$@"; }
exact="-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

ff -f lavfi -i "testsrc=size=320x180:rate=10:duration=12" -f lavfi -i "sine=frequency=330:sample_rate=48000:duration=12" \
    -c:v libvpx-vp9 -pix_fmt yuv420p -crf 50 -b:v 0 -g 20 -c:a libopus -b:a 12k -ac 1 $exact -f webm film.webm
# The index of film.mp4 is at its end, so that a player has to jump there and back.
ff -i film.webm -c copy $exact -f mp4 film.mp4
ff -f lavfi -i "sine=frequency=440:sample_rate=16000:duration=12" -c:a aac -b:a 12k $exact -f ipod recording.m4a
ff -f lavfi -i "sine=frequency=500:sample_rate=8000:duration=12" -sample_fmt s16 -compression_level 12 -c:a flac $exact -f flac recording.flac
# Frames of equal length that don't depend on each other, so that they can be repeated: 144 bytes last 36 ms.
ff -f lavfi -i "sine=frequency=500:sample_rate=16000:duration=6" -c:a libmp3lame -b:a 32k -reservoir 0 -write_xing 0 \
    -id3v2_version 0 $exact -f mp3 "$work/long.mp3"
dd if="$work/long.mp3" of=recording.mp3 bs=144 skip=10 count=125 status=none

#!/usr/bin/perl
# A command of OpenBSD on the stand-in guest: hands its arguments to the machine behind /dev/stand-in and does
# what that says. Frames of answer: a type, a 32-bit length, that many bytes.
#	i  wants all of standard input		o e  bytes for standard output, error
#	x  ends with this status		E    becomes another program: words with NUL between
use strict;
use warnings;

my ($program) = $0 =~ m{([^/]+)$};
my @words = map { s/([^ !#-\[\]-~])/sprintf '\u%04x', ord $1/ger } $program, "", @ARGV;
my ($domain) = readlink('/proc/self/ns/net') =~ /(\d+)/;
my ($directory) = readlink '/proc/self/cwd';
$directory =~ s/([^ !#-\[\]-~])/sprintf '\u%04x', ord $1/ge;
my $arguments = join ',', map { "\"$_\"" } @words[2 .. $#words];

socket my $machine, 1, 1, 0 or die "$program: socket: $!\n";
connect $machine, pack 'S Z108', 1, '/dev/stand-in' or die "$program: /dev/stand-in: $!\n";
binmode $machine;
syswrite $machine, sprintf "{\"program\":\"%s\",\"args\":[%s],\"cwd\":\"%s\",\"uid\":%d,\"pid\":%d,\"network\":%s}\n",
    $words[0], $arguments, $directory, $>, $$, $domain;

# tcpdump(8) ends in order when it is told to.
my $ending = 0;
if ($program eq 'tcpdump') {
	$SIG{INT} = $SIG{TERM} = sub { $ending = 1; shutdown $machine, 1 };
}

sub take {
	my ($length) = @_;
	my $bytes = '';
	while (length $bytes < $length) {
		my $got = sysread $machine, $bytes, $length - length $bytes, length $bytes;
		next if !defined $got && $!{EINTR};
		exit($ending ? 0 : 1) if !$got;
	}
	return $bytes;
}

sub put {
	my ($stream, $bytes) = @_;
	while (length $bytes) {
		my $sent = syswrite $stream, $bytes;
		next if !defined $sent && $!{EINTR};
		exit 1 if !$sent;
		substr $bytes, 0, $sent, '';
	}
}

while (1) {
	my ($type, $length) = unpack 'a N', take(5);
	my $body = take($length);
	if ($type eq 'o') { put(\*STDOUT, $body) }
	elsif ($type eq 'e') { put(\*STDERR, $body) }
	elsif ($type eq 'x') { exit unpack 'C', $body }
	elsif ($type eq 'E') {
		my @command = split /\0/, $body;
		exec { $command[0] } @command or print STDERR "$program: $command[0]: $!\n";
		exit 127;
	}
	elsif ($type eq 'i') {
		my $bytes;
		while (sysread STDIN, $bytes, 65536) { put($machine, $bytes) }
		shutdown $machine, 1;
	}
}

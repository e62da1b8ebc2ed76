#!/usr/bin/perl
# syslogd(8) on the stand-in guest: reads /dev/log and writes the files that syslog.conf(5) names. Knows selectors
# (facility.level, *, none, lists) and blocks of programs (!prog, !!prog, !*). Reads its rules anew on SIGHUP.
use strict;
use warnings;
use POSIX ();

my @levels = qw(emerg alert crit err warning notice info debug);
my %level = ((map { $levels[$_] => $_ } 0 .. $#levels), panic => 0, error => 3, warn => 4, '*' => 7);
my @facilities = qw(kern user mail daemon auth syslog lpr news uucp cron authpriv ftp);
$facilities[16 + $_] = "local$_" for 0 .. 7;
my @rules;

sub read_rules {
	@rules = ();
	open my $file, '<', '/etc/syslog.conf' or return;
	my ($program, $last) = ('*', 0);
	while (<$file>) {
		chomp;
		next if /^\s*(#|$)/;
		if (/^!(!?)\s*(.*?)\s*$/) { ($program, $last) = ($2, $1 ne ''); next }
		my ($selectors, $action) = /^\s*(\S+)\s+(.*?)\s*$/ or next;
		push @rules, [$program, $last, [split /;/, $selectors], $action];
	}
}

sub selects {
	my ($selectors, $facility, $severity) = @_;
	my $chosen = 0;
	for (@$selectors) {
		my ($names, $least) = /^(.*)\.(\S+)$/ or next;
		next if !grep { $_ eq '*' || $_ eq $facility } split /,/, $names;
		$chosen = $least eq 'none' ? 0 : $severity <= ($level{$least} // -1);
	}
	return $chosen;
}

read_rules();
my $again = 0;
$SIG{HUP} = sub { $again = 1 };
unlink '/dev/log';
socket my $log, 1, 2, 0 or die;
bind $log, pack 'S Z108', 1, '/dev/log' or die;
chmod 0666, '/dev/log';
my $host = (POSIX::uname())[1];
$host =~ s/\..*//;

while (1) {
	my $got = recv $log, my $line, 8192, 0;
	if ($again) { $again = 0; read_rules() }
	next if !defined $got;
	$line =~ s/\n+\z//;
	my $priority = $line =~ s/^<(\d+)>// ? $1 : 13;
	my $date = $line =~ s/^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) // ? $1 : POSIX::strftime('%b %e %T', localtime);
	my ($program) = $line =~ /^([^\s:\[]+)/;
	my ($facility, $severity) = ($facilities[$priority >> 3] // 'user', $priority & 7);
	for my $rule (@rules) {
		my ($only, $last, $selectors, $action) = @$rule;
		next if $only ne '*' && $only ne '' && !grep { $_ eq ($program // '') } split /,/, $only;
		next if !selects($selectors, $facility, $severity);
		# syslogd(8) makes no file.
		if ($action =~ m{^/} && -e $action && open my $file, '>>', $action) {
			syswrite $file, "$date $host $line\n";
		}
		last if $last;
	}
}

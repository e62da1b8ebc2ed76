#!/usr/libexec/stand-in/perl-as-root
# doas(1) on the stand-in guest, after doas(1) and doas.conf(5): the last rule that matches decides.
# Its interpreter is a copy of perl(1) with the set-user-ID bit.
use strict;
use warnings;
use POSIX ();

my ($target, $never, $check, $shell) = ('root', 0, undef, 0);
while (@ARGV && $ARGV[0] =~ /^-(.+)/) {
	my $flags = $1;
	shift;
	last if $flags eq '-';
	while ($flags =~ s/^(.)//) {
		if ($1 eq 'n') { $never = 1 }
		elsif ($1 eq 's') { $shell = 1 }
		elsif ($1 eq 'L') { exit 0 }
		elsif ($1 =~ /([auC])/) {
			my ($option, $value) = ($1, length $flags ? $flags : shift @ARGV);
			usage() if !defined $value;
			$target = $value if $option eq 'u';
			$check = $value if $option eq 'C';
			last;
		}
		else { usage() }
	}
}
sub usage { print STDERR "usage: doas [-Lns] [-a style] [-C config] [-u user] command [arg ...]\n"; exit 1 }
sub fail { print STDERR "doas: $_[0]\n"; exit 1 }
usage() if !@ARGV && !$shell && !defined $check;

my $uid = $<;
my @me = getpwuid $uid or fail('getpwuid_r failed');
my %groups = map { $_ => 1 } split ' ', $(;
my @wanted = $target =~ /^\d+$/ ? getpwuid $target : getpwnam $target;
fail('unknown user') if !@wanted;
@ARGV = ($me[8] || '/bin/ksh') if $shell;

my $file = $check // '/etc/doas.conf';
open my $conf, '<', $file or fail((defined $check ? '' : 'doas is not enabled, ') . "$file: No such file or directory");
my @info = stat $conf;
if (!defined $check) {
	fail("$file is writable by group or other") if $info[2] & 022;
	fail("$file is not owned by root") if $info[4] != 0;
}

my $decision;
my $number = 0;
while (defined(my $line = <$conf>)) {
	$number++;
	while ($line =~ s/\\\n//) { $line .= <$conf> // ''; $number++ }
	my @words;
	while ($line =~ /\G\s*(?:(#.*)|"((?:[^"\\]|\\.)*)"|([{}])|([^\s{}"#]+))/gc) {
		last if defined $1;
		push @words, $2 // $3 // $4;
	}
	next if !@words;
	my $bad = sub { print STDERR "doas: syntax error at line $number\n"; exit 1 };
	my $action = shift @words;
	$bad->() if $action !~ /^(permit|deny)$/;
	my %option;
	while (@words && $words[0] =~ /^(nopass|nolog|persist|keepenv|setenv)$/) {
		my $name = shift @words;
		$option{$name} = 1;
		next if $name ne 'setenv';
		$bad->() if (shift(@words) // '') ne '{';
		my @list;
		push @list, shift @words while @words && $words[0] ne '}';
		$bad->() if !@words;
		shift @words;
		$option{setenv} = \@list;
	}
	my $who = shift @words // $bad->();
	my ($as, $command, $arguments);
	if (@words && $words[0] eq 'as') { shift @words; $as = shift @words // $bad->() }
	if (@words && $words[0] eq 'cmd') {
		shift @words;
		$command = shift @words // $bad->();
		if (@words) { $bad->() if shift @words ne 'args'; $arguments = [@words] }
	}
	elsif (@words) { $bad->() }

	if ($who =~ s/^://) {
		my $group = $who =~ /^\d+$/ ? $who : getgrnam $who;
		next if !defined $group || !$groups{$group};
	}
	else {
		my $user = $who =~ /^\d+$/ ? $who : getpwnam $who;
		next if !defined $user || $user != $uid;
	}
	if (defined $as) { my @one = getpwnam $as; next if !@one || $one[2] != $wanted[2] }
	if (defined $command) {
		next if !@ARGV || $command ne $ARGV[0];
		if (defined $arguments) {
			next if @$arguments != @ARGV - 1 || grep { $arguments->[$_] ne $ARGV[$_ + 1] } 0 .. $#$arguments;
		}
	}
	$decision = { action => $action, cmd => defined $command, %option };
}
if (defined $check) {
	exit 0 if !@ARGV;
	my $permitted = defined $decision && $decision->{action} eq 'permit';
	print $permitted ? 'permit' . ($decision->{nopass} ? ' nopass' : '') : 'deny', "\n";
	exit($permitted ? 0 : 1);
}
fail('Operation not permitted') if !defined $decision || $decision->{action} ne 'permit';
if (!$decision->{nopass} && $uid != 0) {
	fail('Authentication required') if $never;
	fail('a tty is required') if !-t STDIN;
	# Nobody has a password here.
	fail('Authentication failed');
}

# doas(1): what is kept of the environment.
my $path = '/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin';
my %old = %ENV;
my %new = $decision->{keepenv} ? %old : map { exists $old{$_} ? ($_ => $old{$_}) : () } qw(DISPLAY TERM);
@new{qw(DOAS_USER HOME LOGNAME PATH SHELL USER)} =
    ($me[0], $wanted[7], $wanted[0], $path, $wanted[8] || '/bin/ksh', $wanted[0]);
# A rule without cmd leaves the invoker's PATH (doas(1)).
$new{PATH} = $old{PATH} if !$decision->{cmd} && defined $old{PATH};
for my $one (@{ $decision->{setenv} || [] }) {
	if ($one =~ /^-(.+)/) { delete $new{$1} }
	elsif ($one =~ /^([^=]+)=\$(.+)/) { $new{$1} = $old{$2} if exists $old{$2} }
	elsif ($one =~ /^([^=]+)=(.*)/) { $new{$1} = $2 }
	elsif (exists $old{$one}) { $new{$one} = $old{$one} }
}

my @groups = ($wanted[3]);
while (my @group = getgrent) { push @groups, $group[2] if grep { $_ eq $wanted[0] } split ' ', $group[3] }
$) = join ' ', $wanted[3], @groups;
$( = $wanted[3];
POSIX::setuid($wanted[2]);
my @command = map { /(.*)/s } @ARGV;
%ENV = map { my ($name, $value) = ($_, $new{$_}); $name =~ /(.*)/s; $name = $1; $value =~ /(.*)/s; ($name => $1) } keys %new;
# The command is sought in the invoker's PATH (doas(1)).
my ($found) = map { /(.*)/s } grep { -x && !-d } map { "$_/$command[0]" } split /:/, $old{PATH} // $path;
$found = $command[0] if $command[0] =~ m{/};
fail("$command[0]: command not found") if !defined $found;
exec { $found } @command or fail("$command[0]: $!");

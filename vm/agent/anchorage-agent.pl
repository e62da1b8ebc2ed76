#!/usr/bin/perl
#
# An agent of docs/agent-protocol.md, version 1: lends this host's sockets, processes and files to the
# runner at the other end of standard input and output. For firewalls that have nothing of ours on them:
# it needs perl 5.14 or later and its core modules, nothing else (OpenBSD's base system has them; on
# FreeBSD: pkg install perl5). It ends with its input, and leaves nothing behind.
#
#	route -T 1 exec perl anchorage-agent.pl
#	anchorage agent-check 'ssh firewall perl anchorage-agent.pl'

use strict;
use warnings;
use Errno qw(EADDRINUSE EAGAIN ECONNABORTED EINPROGRESS EINTR EOPNOTSUPP ETIMEDOUT EWOULDBLOCK);
use Fcntl qw(F_GETFL F_SETFL O_CREAT O_NONBLOCK O_RDONLY O_TRUNC O_WRONLY);
use POSIX ();
use Socket qw(:DEFAULT getaddrinfo inet_ntop inet_pton pack_sockaddr_in6 unpack_sockaddr_in6 sockaddr_family
    AI_NUMERICHOST IPPROTO_IPV6 IPPROTO_TCP IPV6_V6ONLY TCP_NODELAY MSG_OOB);

# Seconds since 1970. Debian's perl-base has no Time::HiRes: there the kernel's ticks count on from the second of the start.
my $now = eval { require Time::HiRes; \&Time::HiRes::time } || do {
    my ($start, $ticks, $rate) = (time, (POSIX::times())[0], POSIX::sysconf(POSIX::_SC_CLK_TCK()));
    sub { $start + ((POSIX::times())[0] - $ticks) / $rate };
};

my $VERSION = 1;
my $FIRST_CREDIT = 65_536;
# Credit is given back in portions, long before the runner has none left.
my $PORTION = $FIRST_CREDIT / 4;
my $DATA_LIMIT = 32_768;
my $FRAME_LIMIT = 65_541;
my $FIRST_OWN_ID = 0x8000_0000;
# The runner does not read: files are read no further. Streams have their credit.
my $HIGH_WATER = 1_048_576;
# Processes whose output has ended, and connections that must not be read, are looked at so often: seconds.
my $LOOK = 0.05;

my %TYPE = (
    connect => 0x01, listen => 0x02, spawn => 0x03, read => 0x04, write => 0x05, remove => 0x06, sweep => 0x07,
    clock => 0x08, data => 0x10, end => 0x11, credit => 0x12, urgent => 0x13, close => 0x14, reset => 0x15,
    keepalive => 0x16, signal => 0x17, hello => 0x40, bound => 0x41, connected => 0x42, accepted => 0x43,
    started => 0x44, exited => 0x45, time => 0x46, closed => 0x4f,
);
my %NAME = reverse %TYPE;
# Frames about a thing that is gone were on their way: no answer.
my %ABOUT_A_THING = map { $_ => 1 } qw(data end credit urgent close reset keepalive signal);

# Listeners for addresses that are not the host's own: level, option. Linux: in.h, in6.h; OpenBSD:
# sys/socket.h (SO_BINDANY); FreeBSD: netinet/in.h, netinet6/in6.h.
my %TRANSPARENT = (
    linux => { inet => [0, 19], inet6 => [41, 75] },
    openbsd => { inet => [SOL_SOCKET, 0x1000], inet6 => [SOL_SOCKET, 0x1000] },
    freebsd => { inet => [0, 24], inet6 => [41, 64] },
);
my ($CAN_TRANSPARENT, $CAN_URGENT, $CAN_GROUPS) = (1, 2, 4);

# Names of errno; of two names for one number the one that the page uses.
my %ERRNO = map { $! = 0; (exists &{"Errno::$_"} ? (Errno->can($_)->() => $_) : ()) } sort keys %!;
$ERRNO{ Errno::EAGAIN() } = 'EAGAIN';
$ERRNO{ Errno::EOPNOTSUPP() } = 'EOPNOTSUPP';

my %things;       # by id on the line
my $next_id = $FIRST_OWN_ID;
my $in = '';      # bytes from the runner that are no whole frame yet
my $out = '';     # bytes for the runner
my $input_open = 1;

sub main {
    $SIG{PIPE} = $SIG{INT} = $SIG{HUP} = 'IGNORE';
    # Ends the wait in turn(): the process is reaped at once.
    $SIG{CHLD} = sub { };
    $SIG{TERM} = sub { leave() };
    binmode STDIN;
    binmode STDOUT;
    nonblocking(\*STDOUT);
    $out = "anchorage-agent $VERSION\n";
    greet();
    send_frame('hello', 0, pack('N', capabilities()) . clock64() . text((POSIX::uname())[1]));
    take_frames();
    turn() while $input_open;
    leave();
}

# The runner's line, and what stands before it.
sub greet {
    while (1) {
        flush_out(1);
        while ($in =~ s/\A([^\n]*)\n//) {
            next unless $1 =~ /anchorage-runner ([\d ]+)/;
            return if grep { $_ == $VERSION } split ' ', $1;
            exit 1;
        }
        my $count = sysread STDIN, $in, 65_536, length $in;
        if (!defined $count && $! == EAGAIN) {
            # Input and output are one socket or terminal, which does not wait in either direction.
            my $readers = '';
            vec($readers, fileno(STDIN), 1) = 1;
            select $readers, undef, undef, undef;
            next;
        }
        next if !defined $count && $! == EINTR;
        exit 0 if !$count;
    }
}

# The loop: everything happens in a turn of it.
sub turn {
    my ($readers, $writers, $exceptions, $timeout) = ('', '', '', undef);
    my @waiting = values %things;
    vec($readers, fileno(STDIN), 1) = 1;
    vec($writers, fileno(STDOUT), 1) = 1 if $out ne '';
    for my $thing (@waiting) {
        my $patience = $thing->{class}->{want}->($thing, \$readers, \$writers, \$exceptions);
        $timeout = $patience if defined $patience && (!defined $timeout || $patience < $timeout);
    }
    my $ready = select $readers, $writers, $exceptions, $timeout;
    if ($ready < 0) {
        die "select: $!" unless $! == EINTR || $! == Errno::EBADF();
        ($readers, $writers, $exceptions) = ('', '', '');
    }
    for my $thing (@waiting) {
        next if $thing->{gone};
        $thing->{class}->{turn}->($thing, $readers, $writers, $exceptions);
    }
    if (vec $readers, fileno(STDIN), 1) {
        my $count = sysread STDIN, $in, 65_536, length $in;
        if ($count) { take_frames() }
        elsif (defined $count || ($! != EINTR && $! != EAGAIN)) { $input_open = 0 }
    }
    flush_out(0);
}

sub flush_out {
    my ($all) = @_;
    while ($out ne '') {
        my $count = syswrite STDOUT, $out, 65_536;
        if (defined $count) { substr $out, 0, $count, ''; next }
        next if $! == EINTR;
        if ($! != EAGAIN && $! != EWOULDBLOCK) { $input_open = 0; $out = ''; return }
        return unless $all;
        my $writers = '';
        vec($writers, fileno(STDOUT), 1) = 1;
        select undef, $writers, undef, undef;
    }
}

# The runner is gone: so is everything that it had here.
sub leave {
    drop($_) for my @all = values %things;
    exit 0;
}

# ---- frames

sub send_frame {
    my ($type, $id, $body) = @_;
    $body = '' unless defined $body;
    $out .= pack('NCN', 5 + length $body, $TYPE{$type}, $id) . $body;
}

sub take_frames {
    my $at = 0;
    while (length($in) - $at >= 4) {
        my $length = unpack 'N', substr $in, $at, 4;
        if ($length < 5 || $length > $FRAME_LIMIT) { $input_open = 0; return }
        last if length($in) - $at - 4 < $length;
        my ($type, $id) = unpack 'CN', substr $in, $at + 4, 5;
        my $body = substr $in, $at + 9, $length - 5;
        $at += 4 + $length;
        take($type, $id, $body);
    }
    substr $in, 0, $at, '';
}

my %REQUEST;

sub take {
    my ($type, $id, $body) = @_;
    my $name = $NAME{$type};
    if (my $thing = $things{$id}) {
        my $method = defined $name ? $thing->{class}->{take}->{$name} : undef;
        $method->($thing, $body) if $method;
    }
    elsif (defined $name && $REQUEST{$name}) {
        # A body that is too short breaks the rules of the page.
        eval { $REQUEST{$name}->($id, $body); 1 } or do { warn $@; $input_open = 0 };
    }
    elsif (!defined $name || !$ABOUT_A_THING{$name}) {
        tell_closed($id, 'EOPNOTSUPP', "no frame has type $type");
    }
}

sub text { my ($bytes) = @_; return pack 'n/a*', $bytes }

sub u64 {
    my ($value) = @_;
    my $high = int($value / 4_294_967_296);
    return pack 'NN', $high, $value - $high * 4_294_967_296;
}

sub clock64 {
    return u64(int($now->() * 1_000_000));
}

sub tell_closed {
    my ($id, $code, $message) = @_;
    send_frame('closed', $id, text($code) . text($message));
}

# CLOSED, once: the last frame with that id.
sub closed {
    my ($thing, $code, $message) = @_;
    return if $thing->{gone};
    $thing->{gone} = 1;
    delete $things{ $thing->{id} };
    $code = '' unless defined $code;
    tell_closed($thing->{id}, $code, defined $message ? $message : '');
}

sub closed_by {
    my ($thing, $errno, $message) = @_;
    closed($thing, error_name($errno), $message);
}

sub error_name { my ($errno) = @_; return $ERRNO{ $errno + 0 } || 'EIO' }

sub drop { my ($thing) = @_; $thing->{class}->{drop}->($thing) unless $thing->{gone} }

sub capabilities { return ($TRANSPARENT{$^O} ? $CAN_TRANSPARENT : 0) | $CAN_URGENT | $CAN_GROUPS }

# ---- streams: credit both ways

# To the runner.
sub send_bytes {
    my ($thing, $bytes) = @_;
    $thing->{credit} -= length $bytes;
    for (my $at = 0; $at < length $bytes; $at += $DATA_LIMIT) {
        send_frame('data', $thing->{id}, substr $bytes, $at, $DATA_LIMIT);
    }
}

sub take_credit { my ($thing, $body) = @_; $thing->{credit} += unpack 'N', $body }

# From the runner: so many bytes have been passed on.
sub passed_on {
    my ($thing, $bytes) = @_;
    $thing->{owed} += $bytes;
    return if $thing->{owed} < $PORTION;
    send_frame('credit', $thing->{id}, pack 'N', $thing->{owed});
    $thing->{owed} = 0;
}

sub enter {
    my ($id, $class, %fields) = @_;
    return $things{$id} = { id => $id, class => $class, gone => 0, credit => $FIRST_CREDIT, owed => 0, %fields };
}

sub new_id {
    my $id = $next_id;
    $next_id = $id == 0xffff_ffff ? $FIRST_OWN_ID : $id + 1;
    return $id;
}

sub nonblocking {
    my ($handle) = @_;
    my $flags = fcntl $handle, F_GETFL, 0;
    fcntl $handle, F_SETFL, ($flags || 0) | O_NONBLOCK if defined $flags;
}

# ---- addresses

sub family_of { my ($address) = @_; return $address =~ /:/ ? AF_INET6 : AF_INET }

# Undefined: no address of that family. A link-local one has its interface behind it: fe80::5%em0.
sub pack_address {
    my ($family, $address, $port) = @_;
    if ($address =~ /%/) {
        my ($error, $found) = getaddrinfo($address, $port, { flags => AI_NUMERICHOST, socktype => SOCK_STREAM });
        return $error || $found->{family} != $family ? undef : $found->{addr};
    }
    my $bytes = inet_pton($family, $address);
    return undef unless defined $bytes;
    return $family == AF_INET6 ? pack_sockaddr_in6($port, $bytes) : pack_sockaddr_in($port, $bytes);
}

# As the page has it: address string, port u16.
sub end_body {
    my ($name) = @_;
    return text('') . pack 'n', 0 unless defined $name && length $name;
    my $family = sockaddr_family($name);
    my ($port, $bytes) = $family == AF_INET6 ? unpack_sockaddr_in6($name) : unpack_sockaddr_in($name);
    my $address = inet_ntop($family, $bytes);
    $address =~ s/^::ffff:(\d+\.\d+\.\d+\.\d+)$/$1/;
    return text($address) . pack 'n', $port;
}

sub family_name { my ($family) = @_; return $family == AF_INET6 ? 'inet6' : 'inet' }

# ---- connections

my $connection = {};

$REQUEST{connect} = sub {
    my ($id, $body) = @_;
    my ($address, $port, $local, $local_port, $limit) = unpack 'n/a n n/a n N', $body;
    my $family = family_of($address);
    my $thing = enter($id, $connection, out => [], connecting => 1);
    my $target = pack_address($family, $address, $port);
    return closed($thing, 'EINVAL', "$address is no address") unless defined $target;
    socket(my $handle, $family, SOCK_STREAM, 0) or return closed_by($thing, $!, "socket: $!");
    $thing->{handle} = $handle;
    nonblocking($handle);
    setsockopt $handle, IPPROTO_TCP, TCP_NODELAY, 1;
    if ($local ne '' || $local_port != 0) {
        my $any = $family == AF_INET6 ? '::' : '0.0.0.0';
        my $own = pack_address($family, $local eq '' ? $any : $local, $local_port);
        return fail($thing, 'EINVAL', "$local is no address of that family") unless defined $own;
        setsockopt $handle, SOL_SOCKET, SO_REUSEADDR, 1 if $local_port != 0;
        bind $handle, $own or return fail($thing, error_name($!), "bind: $!");
    }
    $thing->{deadline} = $now->() + $limit / 1000 if $limit != 0;
    my $done = connect $handle, $target;
    my $errno = $! + 0;
    return fail($thing, error_name($errno), "connect: $!") unless $done || $errno == EINPROGRESS || $errno == EINTR;
    send_frame('bound', $id, end_body(getsockname $handle));
    established($thing) if $done;
};

sub established {
    my ($thing) = @_;
    $thing->{connecting} = 0;
    delete $thing->{deadline};
    send_frame('connected', $thing->{id});
}

sub fail {
    my ($thing, $code, $message) = @_;
    close delete $thing->{handle} if $thing->{handle};
    closed($thing, $code, $message);
}

$connection->{want} = sub {
    my ($thing, $readers, $writers, $exceptions) = @_;
    my $number = fileno $thing->{handle};
    if ($thing->{connecting}) {
        vec($$writers, $number, 1) = 1;
        return undef unless defined $thing->{deadline};
        my $left = $thing->{deadline} - $now->();
        return $left > 0 ? $left : 0;
    }
    vec($$writers, $number, 1) = 1 if @{ $thing->{out} };
    return undef if $thing->{ended};
    if ($thing->{credit} > 0 || $thing->{deaf}) {
        vec($$readers, $number, 1) = 1;
        vec($$exceptions, $number, 1) = 1 unless $thing->{urgent_taken};
        return undef;
    }
    # Not read for want of credit: a reset is noticed all the same.
    return $LOOK;
};

$connection->{turn} = sub {
    my ($thing, $readers, $writers, $exceptions) = @_;
    my $number = fileno $thing->{handle};
    if ($thing->{connecting}) {
        if (vec $writers, $number, 1) {
            my $errno = unpack 'i', getsockopt($thing->{handle}, SOL_SOCKET, SO_ERROR) || pack 'i', 0;
            if ($errno) { local $! = $errno; return fail($thing, error_name($errno), "connect: $!") }
            established($thing);
        }
        elsif (defined $thing->{deadline} && $now->() >= $thing->{deadline}) {
            return fail($thing, 'ETIMEDOUT', 'no answer within the limit');
        }
        return;
    }
    read_socket($thing) if vec $readers, $number, 1;
    return if $thing->{gone};
    read_urgent($thing) if vec $exceptions, $number, 1;
    return if $thing->{gone};
    if (!$thing->{ended} && $thing->{credit} <= 0) {
        my $errno = unpack 'i', getsockopt($thing->{handle}, SOL_SOCKET, SO_ERROR) || pack 'i', 0;
        if ($errno) { local $! = $errno; return fail($thing, error_name($errno), "$!") }
    }
    write_socket($thing) if @{ $thing->{out} };
};

sub read_socket {
    my ($thing) = @_;
    my $limit = $thing->{deaf} || $thing->{credit} > 65_536 ? 65_536 : $thing->{credit};
    return if $limit <= 0;
    my $count = sysread($thing->{handle}, my $bytes, $limit);
    if (!defined $count) {
        return if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
        return fail($thing, $thing->{deaf} ? '' : error_name($!), "$!");
    }
    $thing->{urgent_taken} = 0;
    if ($count == 0) {
        $thing->{ended} = 1;
        send_frame('end', $thing->{id}) unless $thing->{deaf};
        return finish_if_done($thing);
    }
    send_bytes($thing, $bytes) unless $thing->{deaf};
}

# The byte is told once; BSD kernels go on reporting it until the stream has been read past it.
sub read_urgent {
    my ($thing) = @_;
    my $from = recv($thing->{handle}, my $byte, 1, MSG_OOB);
    $thing->{urgent_taken} = 1;
    return if !defined $from || length $byte != 1 || $thing->{deaf} || $thing->{credit} <= 0;
    $thing->{credit} -= 1;
    send_frame('urgent', $thing->{id}, $byte);
}

# Each piece is a write of its own, so that segments end where the runner's frames did.
sub write_socket {
    my ($thing) = @_;
    while (my $piece = $thing->{out}->[0]) {
        my ($kind, $bytes) = @$piece;
        if ($kind eq 'data' || $kind eq 'urgent') {
            # All but the last byte of urgent data may go out before it.
            my $flags = $kind eq 'urgent' ? MSG_OOB : 0;
            my $count = send $thing->{handle}, $bytes, $flags;
            if (!defined $count) {
                return if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR || $! == Errno::ENOBUFS();
                return fail($thing, $thing->{deaf} ? '' : error_name($!), "$!");
            }
            passed_on($thing, $count) unless $thing->{deaf};
            if ($count < length $bytes) { $piece->[1] = substr $bytes, $count; return }
        }
        shift @{ $thing->{out} };
        if ($kind eq 'end') {
            shutdown $thing->{handle}, 1;
            $thing->{finished} = 1;
            return finish_if_done($thing);
        }
        return fail($thing, '', '') if $kind eq 'close';
    }
}

sub finish_if_done {
    my ($thing) = @_;
    fail($thing, '', '') if $thing->{ended} && $thing->{finished};
}

sub queue_piece {
    my ($kind) = @_;
    return sub {
        my ($thing, $bytes) = @_;
        push @{ $thing->{out} }, [$kind, $bytes] unless $thing->{deaf};
        write_socket($thing) unless $thing->{connecting};
    };
}

$connection->{take} = {
    data => queue_piece('data'),
    urgent => queue_piece('urgent'),
    end => queue_piece('end'),
    close => sub {
        my ($thing) = @_;
        return if $thing->{deaf};
        push @{ $thing->{out} }, ['close', ''];
        $thing->{deaf} = 1;
        write_socket($thing) unless $thing->{connecting};
    },
    credit => \&take_credit,
    reset => sub { drop($_[0]) },
    keepalive => sub {
        my ($thing, $body) = @_;
        setsockopt $thing->{handle}, SOL_SOCKET, SO_KEEPALIVE, unpack('C', $body) ? 1 : 0;
    },
};

# RST: closing discards what is unsent, and says so to the peer.
$connection->{drop} = sub {
    my ($thing) = @_;
    setsockopt $thing->{handle}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
    fail($thing, '', '');
};

# ---- listeners

my $listener = {};

$REQUEST{listen} = sub {
    my ($id, $body) = @_;
    my ($address, $port, $backlog, $flags) = unpack 'n/a n n C', $body;
    my $thing = enter($id, $listener, handles => []);
    my $transparent = $flags & 1;
    return closed($thing, 'EOPNOTSUPP', "no transparent listeners on $^O") if $transparent && !$TRANSPARENT{$^O};
    my @addresses = $address eq '' ? ('::', '0.0.0.0') : ($address);
    my $failure;
    # A port that the system chose for one family may be taken in the other.
    for my $attempt (1 .. ($port == 0 ? 8 : 1)) {
        my $chosen = $port;
        ($failure, my @handles) = (undef);
        for my $one (@addresses) {
            my $family = family_of($one);
            my ($handle, $errno) = listening($family, $one, $chosen, $backlog || SOMAXCONN, $transparent);
            if (!$handle) {
                # A host without IPv6 has all the addresses that it can have.
                next if $address eq '' && $family == AF_INET6 && $errno != EADDRINUSE;
                $failure = $errno;
                last;
            }
            push @handles, $handle;
            my $name = getsockname $handle;
            $chosen = ($family == AF_INET6 ? unpack_sockaddr_in6($name) : unpack_sockaddr_in($name))[0];
        }
        if (!defined $failure) { $thing->{handles} = \@handles; last }
        close $_ for @handles;
        last if $failure != EADDRINUSE;
    }
    if (defined $failure) { local $! = $failure; return closed($thing, error_name($failure), "listen: $!") }
    send_frame('bound', $id, end_body(getsockname $thing->{handles}->[0]));
};

# A socket that listens, or nothing and the errno.
sub listening {
    my ($family, $address, $port, $backlog, $transparent) = @_;
    my $name = pack_address($family, $address, $port);
    return (undef, Errno::EINVAL()) unless defined $name;
    socket(my $handle, $family, SOCK_STREAM, 0) or return (undef, $! + 0);
    nonblocking($handle);
    setsockopt $handle, SOL_SOCKET, SO_REUSEADDR, 1;
    setsockopt $handle, IPPROTO_IPV6, IPV6_V6ONLY, 1 if $family == AF_INET6;
    if ($transparent) {
        my ($level, $option) = @{ $TRANSPARENT{$^O}->{ family_name($family) } };
        setsockopt $handle, $level, $option, 1 or return (undef, $! + 0);
    }
    bind $handle, $name or return (undef, $! + 0);
    listen $handle, $backlog or return (undef, $! + 0);
    return ($handle, 0);
}

$listener->{want} = sub {
    my ($thing, $readers) = @_;
    # Descriptors have run out: a moment later there may be some.
    if (($thing->{tired_until} || 0) > $now->()) { return $LOOK }
    vec($$readers, fileno $_, 1) = 1 for @{ $thing->{handles} };
    return undef;
};

$listener->{turn} = sub {
    my ($thing, $readers) = @_;
    for my $handle (@{ $thing->{handles} }) {
        next unless vec $readers, fileno $handle, 1;
        for (1 .. 16) {
            my $remote = accept(my $accepted, $handle);
            if (!$remote) {
                next if $! == ECONNABORTED || $! == EINTR;
                $thing->{tired_until} = $now->() + $LOOK if $! != EAGAIN && $! != EWOULDBLOCK;
                last;
            }
            nonblocking($accepted);
            setsockopt $accepted, IPPROTO_TCP, TCP_NODELAY, 1;
            my $id = new_id();
            enter($id, $connection, handle => $accepted, out => [], connecting => 0);
            my $ends = end_body(getsockname $accepted) . end_body($remote);
            send_frame('accepted', $thing->{id}, pack('N', $id) . $ends);
        }
    }
};

$listener->{drop} = sub {
    my ($thing) = @_;
    close $_ for @{ $thing->{handles} };
    closed($thing);
};
$listener->{take} = { close => $listener->{drop}, reset => $listener->{drop} };

# ---- processes

my $process = {};
my $errors = {};

$REQUEST{spawn} = sub {
    my ($id, $body) = @_;
    my ($error_id, @words) = unpack 'N n/(n/a) n/(n/a)', $body;
    # unpack has no border between the two lists: the first one's count has.
    my $count = unpack 'x4 n', $body;
    my @line = splice @words, 0, $count;
    my $thing = enter($id, $process, input => [], error_id => $error_id, open => {});
    my $other = enter($error_id, $errors, process => $thing);
    $thing->{errors} = $other;
    my $refuse = sub {
        my ($errno) = @_;
        local $! = $errno;
        closed($other, error_name($errno), "$line[0]: $!");
        closed($thing, error_name($errno), "$line[0]: $!");
    };
    my (@in, @out, @err, @told);
    for my $ends (\@in, \@out, \@err, \@told) {
        pipe($ends->[0], $ends->[1]) or return $refuse->($! + 0);
    }
    my $pid = fork;
    return $refuse->($! + 0) unless defined $pid;
    if ($pid == 0) {
        # A group of its own, so that what it starts ends with it.
        setpgrp 0, 0;
        POSIX::dup2(fileno $in[0], 0);
        POSIX::dup2(fileno $out[1], 1);
        POSIX::dup2(fileno $err[1], 2);
        $SIG{$_} = 'DEFAULT' for qw(PIPE INT HUP TERM);
        for (@words) { $ENV{$1} = $2 if /\A([^=]*)=(.*)\z/s }
        # Descriptors above 2 close by themselves (perlvar: $^F).
        no warnings 'exec';
        exec { $line[0] } @line;
        syswrite $told[1], pack 'i', $! + 0;
        POSIX::_exit(127);
    }
    close $_ for $in[0], $out[1], $err[1], $told[1];
    my $count_told;
    do { $count_told = sysread $told[0], my $errno, 4; $count_told = unpack 'i', $errno if $count_told } until defined $count_told;
    if ($count_told) {
        1 while waitpid($pid, 0) < 0 && $! == EINTR;
        return $refuse->($count_told);
    }
    nonblocking($_) for $in[1], $out[0], $err[0];
    @$thing{qw(pid stdin handle)} = ($pid, $in[1], $out[0]);
    $other->{handle} = $err[0];
    send_frame('started', $id, pack 'N', $pid);
};

# Standard output or standard error: one stream to the runner.
sub want_stream {
    my ($thing, $readers) = @_;
    vec($$readers, fileno $thing->{handle}, 1) = 1 if $thing->{handle} && $thing->{credit} > 0;
}

sub read_stream {
    my ($thing, $readers) = @_;
    return unless $thing->{handle} && vec $readers, fileno $thing->{handle}, 1;
    my $count = sysread $thing->{handle}, my $bytes, $thing->{credit} > 65_536 ? 65_536 : $thing->{credit};
    return if !defined $count && ($! == EAGAIN || $! == EINTR);
    return send_bytes($thing, $bytes) if $count;
    end_stream($thing);
}

sub end_stream {
    my ($thing) = @_;
    return unless $thing->{handle};
    close delete $thing->{handle};
    send_frame('end', $thing->{id});
}

$errors->{want} = sub { want_stream(@_); return undef };
$errors->{turn} = \&read_stream;
$errors->{drop} = sub { };    # with its process
$errors->{take} = { credit => \&take_credit };

$process->{want} = sub {
    my ($thing, $readers, $writers) = @_;
    want_stream($thing, $readers);
    vec($$writers, fileno $thing->{stdin}, 1) = 1 if $thing->{stdin} && @{ $thing->{input} };
    return $thing->{handle} || $thing->{errors}->{handle} ? undef : $LOOK / 5;
};

$process->{turn} = sub {
    my ($thing, $readers) = @_;
    read_stream($thing, $readers);
    write_stdin($thing);
    reap($thing, POSIX::WNOHANG()) unless $thing->{handle} || $thing->{errors}->{handle};
};

# EXITED comes after the ends of both streams.
sub reap {
    my ($thing, $how) = @_;
    my $found;
    do { $found = waitpid $thing->{pid}, $how } while $found < 0 && $! == EINTR;
    return if $found == 0;
    my $status = $found < 0 ? 0 : ($? & 127) ? 128 + ($? & 127) : $? >> 8;
    close delete $thing->{stdin} if $thing->{stdin};
    send_frame('exited', $thing->{id}, pack 'N', $status);
    closed($thing->{errors});
    closed($thing);
}

# A program that does not read its input closes it: no matter.
sub write_stdin {
    my ($thing) = @_;
    while (@{ $thing->{input} }) {
        my $piece = $thing->{input}->[0];
        if (!defined $piece) {
            close delete $thing->{stdin} if $thing->{stdin};
        }
        elsif (!$thing->{stdin}) { passed_on($thing, length $piece) }
        else {
            my $count = syswrite $thing->{stdin}, $piece;
            if (!defined $count) {
                return if $! == EAGAIN || $! == EINTR;
                close delete $thing->{stdin};
                next;
            }
            passed_on($thing, $count);
            if ($count < length $piece) { $thing->{input}->[0] = substr $piece, $count; return }
        }
        shift @{ $thing->{input} };
    }
}

$process->{drop} = sub {
    my ($thing) = @_;
    kill 'KILL', -$thing->{pid}, $thing->{pid};
    end_stream($thing);
    end_stream($thing->{errors});
    reap($thing, 0);
};

$process->{take} = {
    data => sub { my ($thing, $bytes) = @_; push @{ $thing->{input} }, $bytes; write_stdin($thing) },
    end => sub { my ($thing) = @_; push @{ $thing->{input} }, undef; write_stdin($thing) },
    credit => \&take_credit,
    signal => sub {
        my ($thing, $body) = @_;
        my $number = unpack 'C', $body;
        # Servers have a process for each session: SIGKILL is for the whole group.
        kill 'KILL', -$thing->{pid} if $number == 9;
        kill $number, $thing->{pid} if $number == 1 || $number == 2 || $number == 15;
    },
};

# ---- files

my $reading = {};
my $writing = {};

$REQUEST{read} = sub {
    my ($id, $body) = @_;
    my $path = unpack 'n/a', $body;
    my $thing = enter($id, $reading);
    sysopen my $handle, $path, O_RDONLY or return closed_by($thing, $!, "$path: $!");
    $thing->{handle} = $handle;
};

$reading->{want} = sub {
    my ($thing) = @_;
    return $thing->{credit} > 0 && length $out < $HIGH_WATER ? 0 : undef;
};

$reading->{turn} = sub {
    my ($thing) = @_;
    return if $thing->{credit} <= 0 || length $out >= $HIGH_WATER;
    my $count = sysread $thing->{handle}, my $bytes, $thing->{credit} > $DATA_LIMIT ? $DATA_LIMIT : $thing->{credit};
    return send_bytes($thing, $bytes) if $count;
    return if !defined $count && $! == EINTR;
    return fail($thing, error_name($!), "$!") unless defined $count;
    send_frame('end', $thing->{id});
    fail($thing, '', '');
};

$reading->{drop} = $writing->{drop} = sub { fail($_[0], '', '') };
$reading->{take} = { credit => \&take_credit, reset => $reading->{drop} };

$REQUEST{write} = sub {
    my ($id, $body) = @_;
    my $path = unpack 'n/a', $body;
    my $thing = enter($id, $writing);
    sysopen my $handle, $path, O_WRONLY | O_CREAT | O_TRUNC, 0666 or return closed_by($thing, $!, "$path: $!");
    $thing->{handle} = $handle;
};

$writing->{want} = sub { return undef };
$writing->{turn} = sub { };
$writing->{take} = {
    data => sub {
        my ($thing, $bytes) = @_;
        for (my $at = 0; $at < length $bytes;) {
            my $count = syswrite $thing->{handle}, $bytes, length($bytes) - $at, $at;
            if (!defined $count) { next if $! == EINTR; return fail($thing, error_name($!), "$!") }
            $at += $count;
        }
        passed_on($thing, length $bytes);
    },
    end => sub {
        my ($thing) = @_;
        my $closed = close delete $thing->{handle};
        $closed ? closed($thing) : closed_by($thing, $!, "$!");
    },
    reset => $writing->{drop},
};

# ---- single requests

$REQUEST{remove} = sub {
    my ($id, $body) = @_;
    my $path = unpack 'n/a', $body;
    unlink $path and return tell_closed($id, '', '');
    tell_closed($id, error_name($!), "$path: $!");
};

$REQUEST{sweep} = sub {
    my ($id) = @_;
    drop($_) for my @all = values %things;
    tell_closed($id, '', '');
};

$REQUEST{clock} = sub {
    my ($id) = @_;
    send_frame('time', $id, clock64());
    tell_closed($id, '', '');
};

main();

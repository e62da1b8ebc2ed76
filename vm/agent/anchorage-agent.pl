#!/usr/bin/perl
#
# An agent of docs/agent-protocol.md, version 1: lends this host's sockets, processes and files to the
# runner at the other end of standard input and output. It needs perl 5.14 or later and its core modules
# (in OpenBSD's base system; on FreeBSD: pkg install perl5). It ends with its input, and leaves nothing behind.
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

# Seconds since 1970. Debian's perl-base has no Time::HiRes: there, the start's second and the kernel's ticks.
my $now = eval { require Time::HiRes; \&Time::HiRes::time } || do {
    my ($start, $ticks, $rate) = (time, (POSIX::times())[0], POSIX::sysconf(POSIX::_SC_CLK_TCK()));
    sub { $start + ((POSIX::times())[0] - $ticks) / $rate };
};

my $VERSION = 1;
my $FIRST_CREDIT = 65_536;
# Credit is given back in portions, long before the runner runs out of it.
my $PORTION = $FIRST_CREDIT / 4;
my $DATA_LIMIT = 32_768;
my $FRAME_LIMIT = 65_541;
my $FIRST_OWN_ID = 0x8000_0000;
# With so many bytes unsent, files are read no further. Streams have their credit.
my $HIGH_WATER = 1_048_576;
# Seconds between looks at processes whose output has ended and at connections that must not be read.
my $LOOK = 0.05;

my %TYPE = (
    connect => 0x01, listen => 0x02, spawn => 0x03, read => 0x04, write => 0x05, remove => 0x06, sweep => 0x07,
    clock => 0x08, data => 0x10, end => 0x11, credit => 0x12, urgent => 0x13, close => 0x14, reset => 0x15,
    keepalive => 0x16, signal => 0x17, hello => 0x40, bound => 0x41, connected => 0x42, accepted => 0x43,
    started => 0x44, exited => 0x45, time => 0x46, closed => 0x4f,
);
my %NAME = reverse %TYPE;
# Frames about an object that is gone get no answer: they were on their way.
my %ABOUT_AN_OBJECT = map { $_ => 1 } qw(data end credit urgent close reset keepalive signal);

# Listeners for addresses that are not the host's own: level, option. Linux: in.h, in6.h; OpenBSD:
# sys/socket.h (SO_BINDANY); FreeBSD: netinet/in.h, netinet6/in6.h.
my %TRANSPARENT = (
    linux => { inet => [0, 19], inet6 => [41, 75] },
    openbsd => { inet => [SOL_SOCKET, 0x1000], inet6 => [SOL_SOCKET, 0x1000] },
    freebsd => { inet => [0, 24], inet6 => [41, 64] },
);
my ($CAN_TRANSPARENT, $CAN_URGENT, $CAN_GROUPS) = (1, 2, 4);

# Names of errno. Where a number has two, the page's.
my %ERRNO = map { $! = 0; (exists &{"Errno::$_"} ? (Errno->can($_)->() => $_) : ()) } sort keys %!;
$ERRNO{ Errno::EAGAIN() } = 'EAGAIN';
$ERRNO{ Errno::EOPNOTSUPP() } = 'EOPNOTSUPP';

my %objects;       # by id on the line
my $next_id = $FIRST_OWN_ID;
my $in = '';      # bytes from the runner that are no whole frame yet
my $out = '';     # bytes for the runner
my $input_open = 1;

sub main {
    $SIG{PIPE} = $SIG{INT} = $SIG{HUP} = 'IGNORE';
    # Interrupts select in turn(), so that the process is reaped at once.
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

# Waits for the runner's line of greeting; anything before it is skipped.
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
            # Input and output are one socket or terminal, which is nonblocking in both directions.
            my $readers = '';
            vec($readers, fileno(STDIN), 1) = 1;
            select $readers, undef, undef, undef;
            next;
        }
        next if !defined $count && $! == EINTR;
        exit 0 if !$count;
    }
}

# One turn of the loop.
sub turn {
    my ($readers, $writers, $exceptions, $timeout) = ('', '', '', undef);
    my @waiting = values %objects;
    vec($readers, fileno(STDIN), 1) = 1;
    vec($writers, fileno(STDOUT), 1) = 1 if $out ne '';
    for my $object (@waiting) {
        my $patience = $object->{class}->{want}->($object, \$readers, \$writers, \$exceptions);
        $timeout = $patience if defined $patience && (!defined $timeout || $patience < $timeout);
    }
    my $ready = select $readers, $writers, $exceptions, $timeout;
    if ($ready < 0) {
        die "select: $!" unless $! == EINTR || $! == Errno::EBADF();
        ($readers, $writers, $exceptions) = ('', '', '');
    }
    for my $object (@waiting) {
        next if $object->{gone};
        $object->{class}->{turn}->($object, $readers, $writers, $exceptions);
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

# The runner is gone: ends every object.
sub leave {
    drop($_) for my @all = values %objects;
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
    if (my $object = $objects{$id}) {
        my $method = defined $name ? $object->{class}->{take}->{$name} : undef;
        $method->($object, $body) if $method;
    }
    elsif (defined $name && $REQUEST{$name}) {
        # A body that is too short breaks the rules of the page.
        eval { $REQUEST{$name}->($id, $body); 1 } or do { warn $@; $input_open = 0 };
    }
    elsif (!defined $name || !$ABOUT_AN_OBJECT{$name}) {
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
    my ($object, $code, $message) = @_;
    return if $object->{gone};
    $object->{gone} = 1;
    delete $objects{ $object->{id} };
    $code = '' unless defined $code;
    tell_closed($object->{id}, $code, defined $message ? $message : '');
}

sub closed_by {
    my ($object, $errno, $message) = @_;
    closed($object, error_name($errno), $message);
}

sub error_name { my ($errno) = @_; return $ERRNO{ $errno + 0 } || 'EIO' }

sub drop { my ($object) = @_; $object->{class}->{drop}->($object) unless $object->{gone} }

sub capabilities { return ($TRANSPARENT{$^O} ? $CAN_TRANSPARENT : 0) | $CAN_URGENT | $CAN_GROUPS }

# ---- streams: credit both ways

# To the runner.
sub send_bytes {
    my ($object, $bytes) = @_;
    $object->{credit} -= length $bytes;
    for (my $at = 0; $at < length $bytes; $at += $DATA_LIMIT) {
        send_frame('data', $object->{id}, substr $bytes, $at, $DATA_LIMIT);
    }
}

sub take_credit { my ($object, $body) = @_; $object->{credit} += unpack 'N', $body }

# From the runner: so many bytes have been passed on.
sub passed_on {
    my ($object, $bytes) = @_;
    $object->{owed} += $bytes;
    return if $object->{owed} < $PORTION;
    send_frame('credit', $object->{id}, pack 'N', $object->{owed});
    $object->{owed} = 0;
}

sub enter {
    my ($id, $class, %fields) = @_;
    return $objects{$id} = { id => $id, class => $class, gone => 0, credit => $FIRST_CREDIT, owed => 0, %fields };
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
    my $object = enter($id, $connection, out => [], connecting => 1);
    my $target = pack_address($family, $address, $port);
    return closed($object, 'EINVAL', "$address is no address") unless defined $target;
    socket(my $handle, $family, SOCK_STREAM, 0) or return closed_by($object, $!, "socket: $!");
    $object->{handle} = $handle;
    nonblocking($handle);
    setsockopt $handle, IPPROTO_TCP, TCP_NODELAY, 1;
    if ($local ne '' || $local_port != 0) {
        my $any = $family == AF_INET6 ? '::' : '0.0.0.0';
        my $own = pack_address($family, $local eq '' ? $any : $local, $local_port);
        return fail($object, 'EINVAL', "$local is no address of that family") unless defined $own;
        setsockopt $handle, SOL_SOCKET, SO_REUSEADDR, 1 if $local_port != 0;
        bind $handle, $own or return fail($object, error_name($!), "bind: $!");
    }
    $object->{deadline} = $now->() + $limit / 1000 if $limit != 0;
    my $done = connect $handle, $target;
    my $errno = $! + 0;
    return fail($object, error_name($errno), "connect: $!") unless $done || $errno == EINPROGRESS || $errno == EINTR;
    send_frame('bound', $id, end_body(getsockname $handle));
    established($object) if $done;
};

sub established {
    my ($object) = @_;
    $object->{connecting} = 0;
    delete $object->{deadline};
    send_frame('connected', $object->{id});
}

sub fail {
    my ($object, $code, $message) = @_;
    close delete $object->{handle} if $object->{handle};
    closed($object, $code, $message);
}

$connection->{want} = sub {
    my ($object, $readers, $writers, $exceptions) = @_;
    my $number = fileno $object->{handle};
    if ($object->{connecting}) {
        vec($$writers, $number, 1) = 1;
        return undef unless defined $object->{deadline};
        my $left = $object->{deadline} - $now->();
        return $left > 0 ? $left : 0;
    }
    vec($$writers, $number, 1) = 1 if @{ $object->{out} };
    return undef if $object->{ended};
    if ($object->{credit} > 0 || $object->{deaf}) {
        vec($$readers, $number, 1) = 1;
        vec($$exceptions, $number, 1) = 1 unless $object->{urgent_taken};
        return undef;
    }
    # Without credit it is not read, but a reset is noticed.
    return $LOOK;
};

$connection->{turn} = sub {
    my ($object, $readers, $writers, $exceptions) = @_;
    my $number = fileno $object->{handle};
    if ($object->{connecting}) {
        if (vec $writers, $number, 1) {
            my $errno = unpack 'i', getsockopt($object->{handle}, SOL_SOCKET, SO_ERROR) || pack 'i', 0;
            if ($errno) { local $! = $errno; return fail($object, error_name($errno), "connect: $!") }
            established($object);
        }
        elsif (defined $object->{deadline} && $now->() >= $object->{deadline}) {
            return fail($object, 'ETIMEDOUT', 'no answer within the limit');
        }
        return;
    }
    read_socket($object) if vec $readers, $number, 1;
    return if $object->{gone};
    read_urgent($object) if vec $exceptions, $number, 1;
    return if $object->{gone};
    if (!$object->{ended} && $object->{credit} <= 0) {
        my $errno = unpack 'i', getsockopt($object->{handle}, SOL_SOCKET, SO_ERROR) || pack 'i', 0;
        if ($errno) { local $! = $errno; return fail($object, error_name($errno), "$!") }
    }
    write_socket($object) if @{ $object->{out} };
};

sub read_socket {
    my ($object) = @_;
    my $limit = $object->{deaf} || $object->{credit} > 65_536 ? 65_536 : $object->{credit};
    return if $limit <= 0;
    my $count = sysread($object->{handle}, my $bytes, $limit);
    if (!defined $count) {
        return if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
        return fail($object, $object->{deaf} ? '' : error_name($!), "$!");
    }
    $object->{urgent_taken} = 0;
    if ($count == 0) {
        $object->{ended} = 1;
        send_frame('end', $object->{id}) unless $object->{deaf};
        return finish_if_done($object);
    }
    send_bytes($object, $bytes) unless $object->{deaf};
}

# The byte is reported once; BSD kernels report it until the stream has been read past it.
sub read_urgent {
    my ($object) = @_;
    my $from = recv($object->{handle}, my $byte, 1, MSG_OOB);
    $object->{urgent_taken} = 1;
    return if !defined $from || length $byte != 1 || $object->{deaf} || $object->{credit} <= 0;
    $object->{credit} -= 1;
    send_frame('urgent', $object->{id}, $byte);
}

# One write for each piece, so that segments end where the runner's frames did.
sub write_socket {
    my ($object) = @_;
    while (my $piece = $object->{out}->[0]) {
        my ($kind, $bytes) = @$piece;
        if ($kind eq 'data' || $kind eq 'urgent') {
            # All but the last byte of urgent data may go out before it.
            my $flags = $kind eq 'urgent' ? MSG_OOB : 0;
            my $count = send $object->{handle}, $bytes, $flags;
            if (!defined $count) {
                return if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR || $! == Errno::ENOBUFS();
                return fail($object, $object->{deaf} ? '' : error_name($!), "$!");
            }
            passed_on($object, $count) unless $object->{deaf};
            if ($count < length $bytes) { $piece->[1] = substr $bytes, $count; return }
        }
        shift @{ $object->{out} };
        if ($kind eq 'end') {
            shutdown $object->{handle}, 1;
            $object->{finished} = 1;
            return finish_if_done($object);
        }
        return fail($object, '', '') if $kind eq 'close';
    }
}

sub finish_if_done {
    my ($object) = @_;
    fail($object, '', '') if $object->{ended} && $object->{finished};
}

sub queue_piece {
    my ($kind) = @_;
    return sub {
        my ($object, $bytes) = @_;
        push @{ $object->{out} }, [$kind, $bytes] unless $object->{deaf};
        write_socket($object) unless $object->{connecting};
    };
}

$connection->{take} = {
    data => queue_piece('data'),
    urgent => queue_piece('urgent'),
    end => queue_piece('end'),
    close => sub {
        my ($object) = @_;
        return if $object->{deaf};
        push @{ $object->{out} }, ['close', ''];
        $object->{deaf} = 1;
        write_socket($object) unless $object->{connecting};
    },
    credit => \&take_credit,
    reset => sub { drop($_[0]) },
    keepalive => sub {
        my ($object, $body) = @_;
        setsockopt $object->{handle}, SOL_SOCKET, SO_KEEPALIVE, unpack('C', $body) ? 1 : 0;
    },
};

# RST: closing discards unsent bytes, and the peer sees it.
$connection->{drop} = sub {
    my ($object) = @_;
    setsockopt $object->{handle}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
    fail($object, '', '');
};

# ---- listeners

my $listener = {};

$REQUEST{listen} = sub {
    my ($id, $body) = @_;
    my ($address, $port, $backlog, $flags) = unpack 'n/a n n C', $body;
    my $object = enter($id, $listener, handles => []);
    my $transparent = $flags & 1;
    return closed($object, 'EOPNOTSUPP', "no transparent listeners on $^O") if $transparent && !$TRANSPARENT{$^O};
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
                # On a host without IPv6, IPv4 alone is enough.
                next if $address eq '' && $family == AF_INET6 && $errno != EADDRINUSE;
                $failure = $errno;
                last;
            }
            push @handles, $handle;
            my $name = getsockname $handle;
            $chosen = ($family == AF_INET6 ? unpack_sockaddr_in6($name) : unpack_sockaddr_in($name))[0];
        }
        if (!defined $failure) { $object->{handles} = \@handles; last }
        close $_ for @handles;
        last if $failure != EADDRINUSE;
    }
    if (defined $failure) { local $! = $failure; return closed($object, error_name($failure), "listen: $!") }
    send_frame('bound', $id, end_body(getsockname $object->{handles}->[0]));
};

# A listening socket, or nothing and the errno.
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
    my ($object, $readers) = @_;
    # Descriptors have run out; there may be some a moment later.
    if (($object->{tired_until} || 0) > $now->()) { return $LOOK }
    vec($$readers, fileno $_, 1) = 1 for @{ $object->{handles} };
    return undef;
};

$listener->{turn} = sub {
    my ($object, $readers) = @_;
    for my $handle (@{ $object->{handles} }) {
        next unless vec $readers, fileno $handle, 1;
        for (1 .. 16) {
            my $remote = accept(my $accepted, $handle);
            if (!$remote) {
                next if $! == ECONNABORTED || $! == EINTR;
                $object->{tired_until} = $now->() + $LOOK if $! != EAGAIN && $! != EWOULDBLOCK;
                last;
            }
            nonblocking($accepted);
            setsockopt $accepted, IPPROTO_TCP, TCP_NODELAY, 1;
            my $id = new_id();
            enter($id, $connection, handle => $accepted, out => [], connecting => 0);
            my $ends = end_body(getsockname $accepted) . end_body($remote);
            send_frame('accepted', $object->{id}, pack('N', $id) . $ends);
        }
    }
};

$listener->{drop} = sub {
    my ($object) = @_;
    close $_ for @{ $object->{handles} };
    closed($object);
};
$listener->{take} = { close => $listener->{drop}, reset => $listener->{drop} };

# ---- processes

my $process = {};
my $errors = {};

$REQUEST{spawn} = sub {
    my ($id, $body) = @_;
    my ($error_id, @words) = unpack 'N n/(n/a) n/(n/a)', $body;
    # unpack returns both lists in one; the first one's count divides them.
    my $count = unpack 'x4 n', $body;
    my @line = splice @words, 0, $count;
    my $object = enter($id, $process, input => [], error_id => $error_id, open => {});
    my $other = enter($error_id, $errors, process => $object);
    $object->{errors} = $other;
    my $refuse = sub {
        my ($errno) = @_;
        local $! = $errno;
        closed($other, error_name($errno), "$line[0]: $!");
        closed($object, error_name($errno), "$line[0]: $!");
    };
    my (@in, @out, @err, @told);
    for my $ends (\@in, \@out, \@err, \@told) {
        pipe($ends->[0], $ends->[1]) or return $refuse->($! + 0);
    }
    my $pid = fork;
    return $refuse->($! + 0) unless defined $pid;
    if ($pid == 0) {
        # It leads a process group, so that its children end with it.
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
    @$object{qw(pid stdin handle)} = ($pid, $in[1], $out[0]);
    $other->{handle} = $err[0];
    send_frame('started', $id, pack 'N', $pid);
};

# Standard output or standard error: one stream to the runner.
sub want_stream {
    my ($object, $readers) = @_;
    vec($$readers, fileno $object->{handle}, 1) = 1 if $object->{handle} && $object->{credit} > 0;
}

sub read_stream {
    my ($object, $readers) = @_;
    return unless $object->{handle} && vec $readers, fileno $object->{handle}, 1;
    my $count = sysread $object->{handle}, my $bytes, $object->{credit} > 65_536 ? 65_536 : $object->{credit};
    return if !defined $count && ($! == EAGAIN || $! == EINTR);
    return send_bytes($object, $bytes) if $count;
    end_stream($object);
}

sub end_stream {
    my ($object) = @_;
    return unless $object->{handle};
    close delete $object->{handle};
    send_frame('end', $object->{id});
}

$errors->{want} = sub { want_stream(@_); return undef };
$errors->{turn} = \&read_stream;
$errors->{drop} = sub { };    # with its process
$errors->{take} = { credit => \&take_credit };

$process->{want} = sub {
    my ($object, $readers, $writers) = @_;
    want_stream($object, $readers);
    vec($$writers, fileno $object->{stdin}, 1) = 1 if $object->{stdin} && @{ $object->{input} };
    return $object->{handle} || $object->{errors}->{handle} ? undef : $LOOK / 5;
};

$process->{turn} = sub {
    my ($object, $readers) = @_;
    read_stream($object, $readers);
    write_stdin($object);
    reap($object, POSIX::WNOHANG()) unless $object->{handle} || $object->{errors}->{handle};
};

# EXITED comes after the ends of both streams.
sub reap {
    my ($object, $how) = @_;
    my $found;
    do { $found = waitpid $object->{pid}, $how } while $found < 0 && $! == EINTR;
    return if $found == 0;
    my $status = $found < 0 ? 0 : ($? & 127) ? 128 + ($? & 127) : $? >> 8;
    close delete $object->{stdin} if $object->{stdin};
    send_frame('exited', $object->{id}, pack 'N', $status);
    closed($object->{errors});
    closed($object);
}

# A program may close its input unread.
sub write_stdin {
    my ($object) = @_;
    while (@{ $object->{input} }) {
        my $piece = $object->{input}->[0];
        if (!defined $piece) {
            close delete $object->{stdin} if $object->{stdin};
        }
        elsif (!$object->{stdin}) { passed_on($object, length $piece) }
        else {
            my $count = syswrite $object->{stdin}, $piece;
            if (!defined $count) {
                return if $! == EAGAIN || $! == EINTR;
                close delete $object->{stdin};
                next;
            }
            passed_on($object, $count);
            if ($count < length $piece) { $object->{input}->[0] = substr $piece, $count; return }
        }
        shift @{ $object->{input} };
    }
}

$process->{drop} = sub {
    my ($object) = @_;
    kill 'KILL', -$object->{pid}, $object->{pid};
    end_stream($object);
    end_stream($object->{errors});
    reap($object, 0);
};

$process->{take} = {
    data => sub { my ($object, $bytes) = @_; push @{ $object->{input} }, $bytes; write_stdin($object) },
    end => sub { my ($object) = @_; push @{ $object->{input} }, undef; write_stdin($object) },
    credit => \&take_credit,
    signal => sub {
        my ($object, $body) = @_;
        my $number = unpack 'C', $body;
        # Servers have a process for each session: SIGKILL goes to the whole group.
        kill 'KILL', -$object->{pid} if $number == 9;
        kill $number, $object->{pid} if $number == 1 || $number == 2 || $number == 15;
    },
};

# ---- files

my $reading = {};
my $writing = {};

$REQUEST{read} = sub {
    my ($id, $body) = @_;
    my $path = unpack 'n/a', $body;
    my $object = enter($id, $reading);
    sysopen my $handle, $path, O_RDONLY or return closed_by($object, $!, "$path: $!");
    $object->{handle} = $handle;
};

$reading->{want} = sub {
    my ($object) = @_;
    return $object->{credit} > 0 && length $out < $HIGH_WATER ? 0 : undef;
};

$reading->{turn} = sub {
    my ($object) = @_;
    return if $object->{credit} <= 0 || length $out >= $HIGH_WATER;
    my $count = sysread $object->{handle}, my $bytes, $object->{credit} > $DATA_LIMIT ? $DATA_LIMIT : $object->{credit};
    return send_bytes($object, $bytes) if $count;
    return if !defined $count && $! == EINTR;
    return fail($object, error_name($!), "$!") unless defined $count;
    send_frame('end', $object->{id});
    fail($object, '', '');
};

$reading->{drop} = $writing->{drop} = sub { fail($_[0], '', '') };
$reading->{take} = { credit => \&take_credit, reset => $reading->{drop} };

$REQUEST{write} = sub {
    my ($id, $body) = @_;
    my $path = unpack 'n/a', $body;
    my $object = enter($id, $writing);
    sysopen my $handle, $path, O_WRONLY | O_CREAT | O_TRUNC, 0666 or return closed_by($object, $!, "$path: $!");
    $object->{handle} = $handle;
};

$writing->{want} = sub { return undef };
$writing->{turn} = sub { };
$writing->{take} = {
    data => sub {
        my ($object, $bytes) = @_;
        for (my $at = 0; $at < length $bytes;) {
            my $count = syswrite $object->{handle}, $bytes, length($bytes) - $at, $at;
            if (!defined $count) { next if $! == EINTR; return fail($object, error_name($!), "$!") }
            $at += $count;
        }
        passed_on($object, length $bytes);
    },
    end => sub {
        my ($object) = @_;
        my $closed = close delete $object->{handle};
        $closed ? closed($object) : closed_by($object, $!, "$!");
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
    drop($_) for my @all = values %objects;
    tell_closed($id, '', '');
};

$REQUEST{clock} = sub {
    my ($id) = @_;
    send_frame('time', $id, clock64());
    tell_closed($id, '', '');
};

main();

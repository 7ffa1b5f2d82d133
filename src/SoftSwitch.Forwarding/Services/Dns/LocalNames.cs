using System.Text;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// The names of a network's own stations, and of their addresses. Who comes first has the name:
/// <code>
///   1  what the file says         gateway, dns: hosts, ports and reservations with an address   web   web.dev   web.dev.internal
///   2  a port's name              the addresses that its guests have by DHCP now                vm1   vm1.dev   vm1.dev.internal
///   3  what a guest calls itself  the address that it has by DHCP now                           go              go.dev.internal
/// </code>
/// So no guest can take a name that is another's, nor one of the world's: <c>go.dev</c> may be one, and is the guest's only where
/// resolvers say that there is none (<see cref="FindWhereNobodyIs"/>). What isn't known below the domain or in the subnet, nobody else is
/// asked for: it would tell strangers what is sought here.
/// </summary>
/// <param name="scope">What the file says.</param>
/// <param name="leases">What was given by DHCP; null: nothing is.</param>
internal readonly ref struct LocalNames(DnsScope scope, LeaseTable? leases)
{
    /// <summary>Addresses that a name has at most in an answer.</summary>
    public const int MostAddresses = 8;

    /// <summary>Digits of a number of an address.</summary>
    private const int MostDigits = 3;

    private static ReadOnlySpan<byte> Backward => "\u0007in-addr\u0004arpa\0"u8;

    /// <summary>Looks for a name.</summary>
    /// <param name="name">In small letters.</param>
    /// <param name="addresses">Gets its addresses.</param>
    /// <param name="count">How many.</param>
    /// <param name="room">For a name.</param>
    /// <param name="called">What an address is called, in <paramref name="room"/>.</param>
    public LocalAnswer Find(
        ReadOnlySpan<byte> name, Span<Ipv4Address> addresses, out int count, Span<byte> room, out ReadOnlySpan<byte> called)
    {
        count = 0;
        called = default;
        if (scope.Names.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var fixedAddresses))
        {
            count = int.Min(fixedAddresses.Length, addresses.Length);
            fixedAddresses.AsSpan(0, count).CopyTo(addresses);
            return LocalAnswer.IsName;
        }
        if (IsKnownToAll(name, addresses, ref count) is { } known)
            return known;
        if (TryReadBackward(name, out var address))
        {
            called = Called(address, room);
            return called.IsEmpty ? LocalAnswer.NoName : LocalAnswer.IsAddress;
        }
        if (name.Length == 1)
            return LocalAnswer.IsElsewhere;
        var label = name.Slice(1, name[0]);
        var rest = name[(1 + name[0])..];
        var domain = scope.Domain.Span;
        if ((HasSuffix(rest) && FindPort(label, addresses, out count)) || name.SequenceEqual(domain))
            return LocalAnswer.IsName;
        if (rest.SequenceEqual(domain) && FindGuest(label, addresses, out count))
            return LocalAnswer.IsName;
        if (rest.Length == 1 && FindGuest(label, addresses, out count))
            return LocalAnswer.IsWord;
        return DnsName.IsWithin(name, domain) ? LocalAnswer.NoName : LocalAnswer.IsElsewhere;
    }

    /// <summary>Looks for a name once more of which resolvers say that there is none: a guest may call itself so.</summary>
    /// <inheritdoc cref="Find"/>
    public bool FindWhereNobodyIs(ReadOnlySpan<byte> name, Span<Ipv4Address> addresses, out int count)
    {
        count = 0;
        return name.Length > 1 && HasSuffix(name[(1 + name[0])..]) && !IsSpecial(name[(1 + name[0])..])
            && FindGuest(name.Slice(1, name[0]), addresses, out count);
    }

    /// <summary>Programs know by themselves what names below these are (RFC 6762, 3; RFC 3172): no network that is called so gives them
    /// away.</summary>
    private static bool IsSpecial(ReadOnlySpan<byte> zone) =>
        zone.SequenceEqual("\u0005local\0"u8) || zone.SequenceEqual("\u0004arpa\0"u8);

    /// <summary>Names that mean the same everywhere, so that nobody is asked for them: below <c>localhost</c> each machine itself; below
    /// <c>invalid</c> and <c>onion</c> there is nothing (RFC 6761, 6.3 and 6.4; RFC 7686, 2).</summary>
    /// <returns>Null: it is another.</returns>
    private static LocalAnswer? IsKnownToAll(ReadOnlySpan<byte> name, Span<Ipv4Address> addresses, ref int count)
    {
        var top = name;
        for (var rest = name; rest.Length > 1; rest = rest[(1 + rest[0])..])
            top = rest;
        if (top.SequenceEqual("\u0009localhost\0"u8))
        {
            (addresses[0], count) = (Ipv4Address.Loopback, 1);
            return LocalAnswer.IsName;
        }
        return top.SequenceEqual("\u0007invalid\0"u8) || top.SequenceEqual("\u0005onion\0"u8) ? LocalAnswer.NoName : null;
    }

    private bool HasSuffix(ReadOnlySpan<byte> rest)
    {
        foreach (var suffix in scope.Suffixes)
        {
            if (rest.SequenceEqual(suffix.Span))
                return true;
        }
        return false;
    }

    /// <summary>Of a name without its suffix: a port's.</summary>
    private bool FindPort(ReadOnlySpan<byte> label, Span<Ipv4Address> addresses, out int count)
    {
        count = 0;
        Span<char> text = stackalloc char[DnsName.MaximumLabel];
        var name = text[..Encoding.Latin1.GetChars(label, text)];
        if (!scope.Ports.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name))
            return false;
        count = leases?.AddressesBehind(name, addresses) ?? 0;
        return true;
    }

    /// <summary>Of a name without its suffix: a guest's, which calls itself so.</summary>
    private bool FindGuest(ReadOnlySpan<byte> label, Span<Ipv4Address> addresses, out int count)
    {
        count = 0;
        Span<char> text = stackalloc char[DnsName.MaximumLabel];
        if (leases?.AddressOf(text[..Encoding.Latin1.GetChars(label, text)]) is not { } address)
            return false;
        (addresses[0], count) = (address, 1);
        return true;
    }

    /// <summary>What an address is called, in <paramref name="room"/>; empty: nothing.</summary>
    public ReadOnlySpan<byte> Called(Ipv4Address address, Span<byte> room)
    {
        if (scope.Addresses.TryGetValue(address, out var name))
            return name.Span;
        if (leases?.HolderOf(address) is not { } holder)
            return default;
        var label = holder.HostName is { } own && IsFree(own) ? own : scope.Ports.Contains(holder.Port) ? holder.Port : null;
        if (label is null)
            return default;
        room[0] = (byte)label.Length;
        Encoding.ASCII.GetBytes(label, room[1..]);
        scope.Domain.Span.CopyTo(room[(1 + label.Length)..]);
        return room[..(1 + label.Length + scope.Domain.Length)];
    }

    /// <summary>A guest may call itself that.</summary>
    public bool IsFree(string label)
    {
        Span<byte> name = stackalloc byte[DnsName.MaximumSize];
        return !scope.Ports.Contains(label)
            && !scope.Names.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(name[..DnsName.Write(label, name)]);
    }

    /// <summary>Reads <c>5.0.10.10.in-addr.arpa</c> where it is an address of the subnet.</summary>
    private bool TryReadBackward(ReadOnlySpan<byte> name, out Ipv4Address address)
    {
        address = default;
        uint value = 0;
        for (var shift = 0; shift < 32; shift += 8)
        {
            if (name[0] is 0 or > MostDigits || !byte.TryParse(name.Slice(1, name[0]), out var number) || (name[0] > 1 && name[1] == '0'))
                return false;
            value |= (uint)number << shift;
            name = name[(1 + name[0])..];
        }
        address = new(value);
        return name.SequenceEqual(Backward) && scope.Subnet.Contains(address);
    }
}

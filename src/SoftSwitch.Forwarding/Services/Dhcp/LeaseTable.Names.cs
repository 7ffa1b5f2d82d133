using System.Text;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>Where guests are found by name: behind their port, or by what they call themselves. Of those that call themselves the same, who
/// has come first is called so as long as its address is lent to it. Who gives it back sooner, as many do that only start anew, keeps the
/// name for as long, and nobody is called so meanwhile, but another behind the same port.</summary>
public sealed partial class LeaseTable
{
    private readonly Dictionary<string, Lease> _byName = [];

    /// <summary>Finds the addresses that are lent behind a port.</summary>
    /// <param name="port">Its name.</param>
    /// <param name="addresses">Gets as many as have room.</param>
    /// <returns>How many.</returns>
    internal int AddressesBehind(ReadOnlySpan<char> port, Span<Ipv4Address> addresses)
    {
        var count = 0;
        lock (_lock)
        {
            if (!_ports.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(port, out var own))
                return 0;
            foreach (var lease in own.ByClient.Values)
            {
                if (lease.State == LeaseState.Bound && count < addresses.Length)
                    addresses[count++] = lease.Address;
            }
        }
        return count;
    }

    /// <summary>The address that is lent to who calls itself that; null: nobody does.</summary>
    /// <param name="name">In small letters.</param>
    internal Ipv4Address? AddressOf(ReadOnlySpan<char> name)
    {
        lock (_lock)
        {
            return _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var lease) && lease.State == LeaseState.Bound
                ? lease.Address : null;
        }
    }

    /// <summary>To whom an address is lent: what it calls itself, and the name of its port. Null: to nobody.</summary>
    internal (string? HostName, string Port)? HolderOf(Ipv4Address address)
    {
        lock (_lock)
        {
            return _byAddress.TryGetValue(address, out var lease) && lease.State == LeaseState.Bound
                ? (lease.HostName, lease.Owner.Port) : null;
        }
    }

    /// <summary>A client that has just been given an address says what it calls itself.</summary>
    /// <param name="name">As it says it: a name, perhaps with a domain behind it; empty: nothing.</param>
    internal void Call(string port, ReadOnlySpan<byte> id, ReadOnlySpan<byte> name, Instant now)
    {
        // Some end it as a text of C (RFC 2132, 2).
        name = name.TrimEnd((byte)0);
        var dot = name.IndexOf((byte)'.');
        name = dot < 0 ? name : name[..dot];
        lock (_lock)
        {
            if (Find(port, id) is not { State: LeaseState.Bound } lease
                || (lease.HostName is { } before && Ascii.EqualsIgnoreCase(name, before)))
                return;
            Forget(lease);
            if (IsHostName(name))
                Call(lease, Encoding.ASCII.GetString(name).ToLowerInvariant(), now);
        }
    }

    private void Call(Lease lease, string name, Instant now)
    {
        if (_byName.TryGetValue(name, out var other))
        {
            if (other.State == LeaseState.Bound || (other.LentUntil.Milliseconds > now.Milliseconds && other.Owner != lease.Owner))
                return;
            other.HostName = null;
        }
        lease.HostName = name;
        _byName[name] = lease;
        Interlocked.Increment(ref _changes);
    }

    private void Forget(Lease lease)
    {
        if (lease.HostName is not { } name)
            return;
        _byName.Remove(name);
        lease.HostName = null;
        Interlocked.Increment(ref _changes);
    }

    /// <summary>Letters, digits and hyphens, none of these at either end (RFC 1123, 2.1); and no name by which programs look for somebody
    /// who leads them.</summary>
    private static bool IsHostName(ReadOnlySpan<byte> name)
    {
        if (Leads(name))
            return false;
        if (name.Length is 0 or > DnsName.MaximumLabel || name[0] == '-' || name[^1] == '-')
            return false;
        foreach (var letter in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter != '-')
                return false;
        }
        return true;
    }

    /// <summary>Programs do what somebody says who is called so: each guest itself (RFC 6761, 6.3), a proxy, a tunnel (RFC 5214, 8.3), and
    /// whoever tells a machine at its first start what to install and whom to let in (cloud-init's names for it in EC2 and
    /// CloudStack).</summary>
    private static bool Leads(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "localhost"u8)
        || Ascii.EqualsIgnoreCase(name, "wpad"u8) || Ascii.EqualsIgnoreCase(name, "isatap"u8)
        || Ascii.EqualsIgnoreCase(name, "instance-data"u8) || Ascii.EqualsIgnoreCase(name, "data-server"u8);
}

using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>The names of a network's own addresses, for people: those that DNS tells where it is on. For any thread.</summary>
/// <param name="scope">What the file says.</param>
/// <param name="leases">What was given by DHCP; null: nothing is.</param>
public sealed class GuestNames(DnsScope scope, LeaseTable? leases)
{
    /// <summary>What an address is called now, without the network's domain; null: nothing.</summary>
    public string? Of(Ipv4Address address)
    {
        Span<byte> room = stackalloc byte[DnsName.MaximumSize];
        var name = new LocalNames(scope, leases).Called(address, room);
        if (name.IsEmpty)
            return null;
        var first = 1 + name[0];
        return DnsName.ToText(name[first..].SequenceEqual(scope.Domain.Span) ? [.. name[..first], 0] : name);
    }

    /// <summary>All names that there are now, each with its address; those of each guest itself (localhost) are left out.</summary>
    public IEnumerable<GuestName> All()
    {
        var domain = DnsName.ToText(scope.Domain.Span);
        foreach (var (name, address) in scope.Given.Where(one => !one.Address.IsLoopback))
        {
            var full = name.Contains('.', StringComparison.Ordinal) ? name : $"{name}.{domain}";
            yield return new(name, full, address, IsOfGuest: false);
        }
        var lent = new List<LeaseRecord>();
        leases?.CopyTo(lent);
        var given = scope.Given.Select(one => one.Name).ToHashSet();
        foreach (var lease in lent.Where(lease => lease.State == LeaseState.Bound))
        {
            if (scope.Ports.Contains(lease.Port) && !given.Contains(lease.Port))
                yield return new(lease.Port, $"{lease.Port}.{domain}", lease.Address, IsOfGuest: false);
            if (lease.HostName is { } own && new LocalNames(scope, leases).IsFree(own))
                yield return new(own, $"{own}.{domain}", lease.Address, IsOfGuest: true);
        }
    }
}

using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// Next hops whose MAC addresses the control plane finds, for they have no IPv4 address that could be asked for in ARP. Each has a number,
/// which stands where another has its address: 0.0.0.1 and up, which no station has (RFC 1122, 3.2.1.3). A packet on its way to one goes
/// there or nowhere: a number is another's only when nothing has led to it for long. Any thread may read, one writes.
/// </summary>
public sealed class NumberedHops
{
    private const uint Numbers = 1 << 24;

    /// <summary>By number, less one. 0: its MAC isn't known.</summary>
    private readonly ulong[] _macs = new ulong[Limits.NumberedHops.Most];

    private int _count;

    internal static bool IsNumber(Ipv4Address hop) => hop.Value < Numbers;

    /// <summary>Gives a number to a next hop.</summary>
    /// <returns>Null: there are too many.</returns>
    public Ipv4Address? Add() => _count == _macs.Length ? null : new((uint)++_count);

    /// <param name="hop">Its number.</param>
    /// <param name="mac">Null: it isn't known, or the hop doesn't answer.</param>
    public void Set(Ipv4Address hop, MacAddress? mac) => Volatile.Write(ref _macs[(int)hop.Value - 1], mac?.Value ?? 0);

    internal bool TryFind(Ipv4Address hop, out MacAddress mac)
    {
        mac = hop.Value is > 0 && hop.Value <= (uint)_macs.Length ? new(Volatile.Read(ref _macs[(int)hop.Value - 1])) : default;
        return mac.Value != 0;
    }
}

using System.Globalization;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>An outside address that is lent, in a line for the program that goes on in this process: the clock is the same there.</summary>
internal static class LeaseText
{
    private const string None = "-";

    /// <param name="lease">What is lent.</param>
    /// <param name="index">The interface on whose LAN.</param>
    public static string Of(HeldLease lease, int index) => string.Create(CultureInfo.InvariantCulture,
        $"{index} {lease.Address} {lease.PrefixLength} {lease.Router?.ToString() ?? None} {lease.Server} {lease.ServerMac} ")
        + string.Create(CultureInfo.InvariantCulture,
            $"{lease.Length.Ticks} {lease.Renew.Milliseconds} {lease.Rebind.Milliseconds} {lease.Until.Milliseconds}");

    /// <summary>What such a line says; null: nothing about this interface.</summary>
    public static HeldLease? Parse(string? line, int index)
    {
        if (line?.Split(' ') is not
            [var at, var address, var prefix, var router, var server, var mac, var length, var renew, var rebind, var until]
            || Number(at) != index || !Ipv4Address.TryParse(address, out var own) || Number(prefix) is not (>= 8 and <= 30 and var bits)
            || !Ipv4Address.TryParse(server, out var lender) || !MacAddress.TryParse(mac, out var by)
            || Number(length) is not { } ticks || Number(renew) is not { } first || Number(rebind) is not { } second
            || Number(until) is not { } last)
            return null;
        Ipv4Address? via = Ipv4Address.TryParse(router, out var next) ? next : null;
        return new(own, (int)bits, via, lender, by, TimeSpan.FromTicks(ticks), new(first), new(second), new(last));
    }

    private static long? Number(string word) =>
        long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}

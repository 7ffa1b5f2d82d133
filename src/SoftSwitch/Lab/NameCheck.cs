using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using SoftSwitch.Config.Checks;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Lab;

/// <summary>Guests that are told by DHCP whom to ask for names: each asks there for the next one of its network, and pings what it is told;
/// who is alone asks for the gateway, where there is one. A line for each network where that is so, a difference for each that isn't
/// found.</summary>
internal static class NameCheck
{
    private const int Tries = 5;
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    /// <param name="leases">What guests were told, by their numbers.</param>
    public static IEnumerable<(string? Line, string? Difference)> Run(
        LabPlan plan, IReadOnlyDictionary<int, LabLease> leases, Func<LabStation, NetworkNamespace> spaceOf, CancellationToken stop)
    {
        foreach (var network in plan.Model.Networks)
        {
            var guests = plan.Stations.Where(one => one.Network?.Name == network.Name && leases.ContainsKey(one.Number)).ToList();
            var asking = guests.Where(one => leases[one.Number].Resolver is not null).ToList();
            // Alone where there is no gateway, nobody is left to be asked for.
            if (asking.Count == 1 && network.Gateway is null)
                asking.Clear();
            var isFound = true;
            foreach (var guest in asking)
            {
                var next = asking.Count == 1 ? null : asking[(asking.IndexOf(guest) + 1) % asking.Count];
                var (name, address) = (next?.Name ?? DnsCheck.Gateway, next?.Inside?.Address ?? network.Gateway!.Value);
                if (Mistake(name, address, leases[guest.Number].Resolver!.Value, spaceOf(guest), stop) is not { } mistake)
                    continue;
                isFound = false;
                yield return (null, $"{guest.Name} asks for {name}: {mistake}");
            }
            if (guests.Count > 0 && isFound)
                yield return (Line(network, guests, asking), null);
        }
    }

    private static string Line(NetworkModel network, List<LabStation> guests, List<LabStation> asking)
    {
        var names = guests.Count <= 3 ? string.Join(", ", guests.Select(guest => guest.Name)) : $"{guests.Count} guests";
        var found = asking.Count switch
        {
            0 => "",
            1 when guests.Count == 1 => $", and finds the {DnsCheck.Gateway} by name",
            1 => $", and {asking[0].Name} finds the {DnsCheck.Gateway} by name",
            _ => ", and find each other by name",
        };
        return $"{network.Name}: {names} booted by DHCP{found}";
    }

    private static string? Mistake(string name, Ipv4Address address, Ipv4Address resolver, NetworkNamespace space, CancellationToken stop)
    {
        var found = AddressOf(name, resolver, space, stop);
        if (found is null)
            return $"{resolver} tells no address";
        if (found != address)
            return $"{resolver} tells {found}, not {address}";
        using var probe = new EchoProbe(space, isIpv6: false);
        for (ushort i = 0; i < Tries; i++)
        {
            probe.Ask(address.ToIPAddress(), i);
            if (probe.Listen(s_again) is not null)
                return null;
        }
        return $"{address} does not answer a ping";
    }

    private static Ipv4Address? AddressOf(string name, Ipv4Address resolver, NetworkNamespace space, CancellationToken stop)
    {
        using var socket = space.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(new IPEndPoint(resolver.ToIPAddress(), DnsHeader.Port));
        Span<byte> wire = stackalloc byte[DnsName.MaximumSize], message = stackalloc byte[DnsHeader.EveryoneTakes];
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue);
        for (var i = 0; i < Tries && !stop.IsCancellationRequested; i++)
        {
            var question = new DnsWriter(message, id, DnsHeader.RecursionDesired);
            question.TryAsk(wire[..DnsName.Write(name, wire)], DnsType.A);
            socket.Send(message[..question.Length]);
            if (!socket.Poll(s_again, SelectMode.SelectRead))
                continue;
            var length = socket.Receive(message);
            if (length < DnsHeader.Size)
                continue;
            var answer = new DnsReader(message[..length]);
            if (answer.Id == id && answer.TryRead(wire, out DnsQuestion _) && answer.Answers > 0
                && answer.TryRead(wire, out DnsRecord record) && record is { Type: DnsType.A, Data.Length: Ipv4Address.Size })
                return Ipv4Address.Read(record.Data);
            return null;
        }
        return null;
    }
}

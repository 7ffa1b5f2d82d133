using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>The addresses that a lab's stations have in their network's subnet.</summary>
internal static class InsideAddresses
{
    /// <summary>The file's, those that forwards lead to, and for whoever is left the next free ones; by port.</summary>
    public static Dictionary<string, InterfaceAddress> Of(NetworkModel network, IReadOnlyList<PortModel> ports)
    {
        var inside = new Dictionary<string, InterfaceAddress>();
        foreach (var port in ports)
        {
            if (port is InterfaceModel { Address: { } own })
                inside.Add(port.Name, own);
        }
        if (network is not { Subnet: { } subnet, Gateway: { } gateway })
            return inside;
        var taken = inside.Values.Select(own => own.Address).Append(gateway).ToHashSet();
        var wanted = new Queue<Ipv4Address>((network.Nat?.Forwards ?? []).Where(forward => forward.Address is not null)
            .Select(forward => forward.Address!.Value).Distinct().Where(address => !taken.Contains(address)));
        taken.UnionWith(wanted);
        var next = subnet.First.Value;
        foreach (var port in ports.Where(port => !inside.ContainsKey(port.Name)))
        {
            if (!wanted.TryDequeue(out var address))
            {
                while (taken.Contains(new(next)) && next < subnet.Last.Value)
                    next++;
                if (next > subnet.Last.Value)
                    break;
                address = new(next++);
            }
            inside.Add(port.Name, new(address, subnet.PrefixLength));
        }
        return inside;
    }
}

using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>The addresses that a lab's stations have in their network's subnet.</summary>
internal static class InsideAddresses
{
    /// <summary>The file's, those that forwards lead to, and for whoever is left the next free ones; by port.</summary>
    /// <param name="network">Whose they are.</param>
    /// <param name="ports">Its ports.</param>
    /// <param name="areTold">Whoever is left asks for one when it boots, where the network gives some.</param>
    public static Dictionary<string, InterfaceAddress> Of(NetworkModel network, IReadOnlyList<PortModel> ports, bool areTold)
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
                if (areTold && network.Dhcp is not null)
                    break;
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

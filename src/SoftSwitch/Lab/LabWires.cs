using System.Globalization;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.Lab;

/// <summary>The wires of a lab: those at the file's NICs, and those that it needs besides to have an outside.</summary>
internal sealed class LabWires(SwitchModel model, LabPrefixes prefixes, LabDomains domains, List<LabStation> stations)
{
    private const uint RouterNumber = 1, HostNumber = 2;

    public List<LabWire> All { get; } = [];

    /// <summary>The wire at an interface; null: where the host's default route leads. A NIC's LAN gets the way out when it is asked
    /// for.</summary>
    public LabWire For(string? name)
    {
        var found = name is null ? All.FindIndex(wire => wire.IsDefault) : All.FindIndex(wire => wire.Interface == name);
        if (found >= 0 && All[found].Host is not null)
            return All[found];
        var subnet = prefixes.ForWire();
        var wire = found >= 0 ? All[found] : NewWire(name ?? DefaultInterface());
        wire = wire with
        {
            Host = new(new(subnet.Address.Value + HostNumber), subnet.PrefixLength),
            Router = new(subnet.Address.Value + RouterNumber),
            Far = prefixes.ForWire().First,
            IsDefault = !All.Exists(one => one.IsDefault)
                && (name is null || !model.Networks.Any(network => network.Nat is { Outside.Interface: null })),
        };
        if (found >= 0)
            All[found] = wire;
        else
            All.Add(wire);
        return wire;
    }

    private LabWire NewWire(string name)
    {
        var domain = $"the wire at {name}";
        domains.Add(domain);
        var others = stations.Count(station => station.Role == LabRole.Internet);
        var station = string.Create(CultureInfo.InvariantCulture, $"INTERNET{(others == 0 ? "" : others + 1)}");
        stations.Add(new(stations.Count, station, LabRole.Internet, null, null, [domains.NewAddress(domain)], null));
        return new(name, domain, stations.Count - 1, 1500);
    }

    /// <summary>A name that the file needs for nothing else.</summary>
    private string DefaultInterface()
    {
        var taken = model.Ports.Select(port => port is NicModel nic ? nic.Interface : port.Name)
            .Concat(model.Networks.Select(network => network.HostInterface ?? network.Nat?.Outside.Interface ?? "")).ToHashSet();
        return Enumerable.Range(0, taken.Count + 1).Select(i => string.Create(CultureInfo.InvariantCulture, $"wan{i}"))
            .First(name => !taken.Contains(name));
    }
}

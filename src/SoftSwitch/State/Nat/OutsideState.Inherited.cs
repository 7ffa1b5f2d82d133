using System.Globalization;
using SoftSwitch.Forwarding.Images;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Logging;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <content>What goes on over a planned restart: the ways that were open, each by its number, for its port is called after that; what they
/// share with the host; what an address is lent by.</content>
internal sealed partial class OutsideState
{
    private InheritedWay[] _left = [];

    /// <summary>Leaves the ways to the program that goes on in this process. Their ports are left as all ports are.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void LeaveTo(Inheritance heir)
    {
        foreach (var network in _networks)
            heir.Leave(NameKey(network.Model.Name), Name);
        heir.Leave(WaysKey, string.Join(';', _ways.Where(way => way.Link is not null).Select(InheritedWay.Of)));
        var ports = new Lazy<Dictionary<(int, ushort), string>>(
            () => Insiders.ToDictionary(port => (port.Policy, port.Slot), port => port.Name));
        foreach (var way in _ways)
        {
            way.Hold(heir);
            LeaveFlows(way.Translator, FlowsOf(way.Number), ports, heir);
        }
        if (_host.Way is { } host)
            LeaveFlows(host.Translator, FlowsOfHost, ports, heir);
        _host.Hold(heir);
        _ports.Leave(heir);
        _own.Hold(heir);
        if (heir.IsState)
            return;
        // One that is killed asks for it again.
        _lease?.Leave(heir);
        LeaveWaysOut(heir);
        FlowLog?.Keep();
    }

    /// <summary>Leaves who is where outside, and where packets went.</summary>
    private void LeaveWaysOut(Inheritance heir)
    {
        foreach (var way in Open)
        {
            if (way.Station is { Membership.Bridge: var bridge } station)
                BridgeImage.Leave(heir, NeighborsOf(way.Number), bridge, _running.Ports.In(bridge), station);
        }
        if (_routing is not { } routing)
            return;
        var image = new ImageWriter();
        routing.Write(image);
        heir.Leave(RoutesKey, image);
    }

    /// <summary>Knows that, before frames go on.</summary>
    /// <param name="portOf">A port by its name; null: it is gone.</param>
    public void GoOn(Func<string, Port?> portOf)
    {
        foreach (var way in Open)
        {
            if (way.Station is { Membership.Bridge: var bridge } station)
            {
                _running.Inherited.Read(NeighborsOf(way.Number),
                    image => BridgeImage.Read(image, bridge, _running.Ports.In(bridge), station, portOf));
            }
        }
        if (_routing is not { } routing)
            return;
        _running.Inherited.Read(RoutesKey, image => routing.Read(image, name => portOf(name) ?? _networks[0].Gateway));
    }

    /// <summary>What an outside was called by the program before; null: nothing is left of it.</summary>
    /// <param name="from">What that has left.</param>
    /// <param name="network">A network behind it.</param>
    public static string? NameLeft(Inheritance from, string network) => from.TextOf(NameKey(network));

    private static string NameKey(string network) => $"{network} outside";

    /// <summary>Some flow is known. Any thread may ask.</summary>
    public bool HasFlows => Translators.Append(_host.Way?.Translator).Any(translator => translator?.Counters.Flows > 0);

    /// <summary>The ports in the networks behind the ways, by the numbers that flows know them by. There may be thousands of either: only
    /// who has a flow looks.</summary>
    private IEnumerable<(int Policy, ushort Slot, string Name)> Insiders =>
        from network in _networks
        let bridge = network.Gateway.Membership?.Bridge
        where bridge is not null
        from port in _running.Ports.In(bridge)
        where port.Membership?.Bridge == bridge
        select (network.Policy, port.Membership!.Slot, port.Model.Name);

    private void LeaveFlows(Napt translator, string key, Lazy<Dictionary<(int, ushort), string>> ports, Inheritance heir)
    {
        var names = _networks.ToDictionary(network => network.Policy, network => network.Model.Name);
        var image = new ImageWriter();
        translator.Write(image, policy => names.GetValueOrDefault(policy),
            (policy, slot) => ports.Value.GetValueOrDefault((policy, slot)));
        heir.Leave(key, image);
    }

    /// <summary>What the program before has left of a way's flows.</summary>
    private Napt InheritFlows(Napt translator, string key)
    {
        try
        {
            _running.Inherited.Read(key, image =>
            {
                var numbers = _networks.ToDictionary(network => network.Model.Name, network => network.Policy);
                var slots = new Lazy<Dictionary<(int, string), ushort>>(
                    () => Insiders.ToDictionary(port => (port.Policy, port.Name), port => port.Slot));
                var (_, leftOut) = translator.Read(image, name => numbers.GetValueOrDefault(name, -1),
                    (policy, name) => slots.Value.GetValueOrDefault((policy, name)), new(Environment.TickCount64));
                if (leftOut > 0)
                    Warn(string.Create(CultureInfo.InvariantCulture, $"{leftOut} flows couldn't go on over the restart"));
            });
        }
        catch (InvalidDataException e)
        {
            Warn($"flows couldn't go on over the restart: {e.Message}");
        }
        return translator;
    }

    private string FlowsOf(int way) => string.Create(CultureInfo.InvariantCulture, $"{Name} flows {way}");

    private string FlowsOfHost => $"{Name} flows host";

    private string NeighborsOf(int way) => string.Create(CultureInfo.InvariantCulture, $"{Name} neighbors {way}");

    private string RoutesKey => $"{Name} routes";

    private string WaysKey => $"{Name} ways";

    /// <summary>Opens the ways that were open before, as far as the host still has them. What has changed meanwhile is followed after
    /// that.</summary>
    private void Inherit(HostIpv4 host)
    {
        // Who was killed asks again whether somebody has an address of its own.
        if (_running.Inherited.TextOf(WaysKey) is not { } text || (_running.Inherited.IsState && !IsShared))
            return;
        _facts = host;
        // What was asked at others of the host's addresses goes on at those that it still has.
        FollowAddresses(host);
        _left = [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(InheritedWay.Parse).OfType<InheritedWay>()];
        foreach (var left in _left.OrderBy(way => way.Number))
        {
            try
            {
                Inherit(left, host);
            }
            catch (Exception e)
            {
                Warn($"by {left.Interface} as {left.Address} no more: {Mistake.Text(e)}");
            }
        }
        _left = [];
    }

    private void Inherit(InheritedWay left, HostIpv4 host)
    {
        var link = IsShared ? OutsideLink.At(_links, host.Addresses, left.Index, left.Address) : InheritOwn(left, host);
        if (link is null)
            return;
        var way = WayFor(link, by: null, left.OnlyAnswers, left.IsForForwards);
        way.IsForForwards = left.IsForForwards;
        if (left.IsOpen)
            OpenWire(way, link, host);
    }

    /// <summary>An address of its own: nobody is asked again who may have it.</summary>
    private OutsideLink? InheritOwn(InheritedWay left, HostIpv4 host)
    {
        if (_links.FindByIndex(left.Index) is not { } at)
            return null;
        if ((_lease is null ? _model.Address : FindLeased(_lease, at, out _)) is not { } own || own.Address != left.Address
            || OutsideLink.Of(at, own, host, out _) is not { } link)
            return null;
        _own.Inherit(link);
        return link;
    }
}

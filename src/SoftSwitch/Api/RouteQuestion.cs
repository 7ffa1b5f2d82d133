using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State;
using SoftSwitch.State.Nat;
using SoftSwitch.Text;

namespace SoftSwitch.Api;

/// <summary>
/// Where would a packet of this port to that destination go? Asked of the network's gateway, and where the host's routing decides, of the
/// kernel, by what asks for packets. Nothing is sent, opened or remembered.
/// </summary>
internal static class RouteQuestion
{
    private const string HostItself = "the host itself";

    public static IReadOnlyList<(string Name, string Description)> Parameters { get; } =
    [
        ("port", "The port that the packet comes by; it is in a nat network."), ("destination", "An IPv4 address such as 198.51.100.7."),
    ];

    /// <exception cref="ProblemException">It is no question.</exception>
    public static RouteView Answer(SwitchSnapshot snapshot, IQueryCollection query)
    {
        ListQuery.RefuseUnknown(query, "port", "destination");
        foreach (var (name, _) in Parameters)
        {
            if (!query.ContainsKey(name))
                throw new ProblemException(StatusCodes.Status400BadRequest,
                    $"{name} is missing: /v1/route?port=vm1&destination=198.51.100.7");
        }
        return Answer(snapshot, query["port"].ToString(), query["destination"].ToString());
    }

    /// <exception cref="ProblemException">It is no question.</exception>
    public static RouteView Answer(SwitchSnapshot snapshot, string from, string destination)
    {
        if (ListFilter.PortOfFile.Mistake(snapshot, from) is var (status, detail))
            throw new ProblemException(status, detail);
        if (!Ipv4Address.TryParse(destination, out var to))
            throw new ProblemException(StatusCodes.Status400BadRequest,
                $"{Shown.Quote(destination)} is no IPv4 address: write one such as 198.51.100.7");
        var port = snapshot.Model.Ports.First(one => one.Name == from);
        var network = snapshot.Networks.First(one => one.Model.Name == port.Network);
        if (network.Model.Mode != NetworkMode.Nat)
            throw new ProblemException(StatusCodes.Status400BadRequest,
                $"port {from} is in network {port.Network}, which is {network.Model.Mode.Word()}: only a nat network has ways out");
        if (network.Gateway is not { } gateway
            || snapshot.Outsides.FirstOrDefault(one => one.Networks.Values.Contains(port.Network)) is not { } outside)
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable, $"network {port.Network} is not open yet: ask again");
        var (verdict, text, way) = Of(gateway.Look(to, snapshot.Now), to, outside, snapshot.Now);
        return new(from, port.Network, destination, verdict, $"{from} to {to}: {text}", way.Interface, way.Address?.ToString(),
            way.Ipv6Next?.ToString() ?? way.Next?.ToString(), way.Why);
    }

    private static Said Of(Destined destined, Ipv4Address to, OutsideSnapshot outside, Instant now) => destined.Destiny switch
    {
        Destiny.Gateway => new("gateway", "the network's gateway, which answers itself"),
        Destiny.NotRouted => new("not-routed", "nowhere: groups, broadcasts, link-local addresses and 127.0.0.0/8 are not routed"),
        Destiny.Guest => new("guest", "an address in its own network, without any way out"),
        Destiny.LostGuest => new("unreachable", "nowhere: an address in its own network that does not answer (ARP)"),
        Destiny.OtherNetwork => new("network", "nowhere: it is in another network of this switch; only a forward leads there"),
        Destiny.OutsideAddress => new("outside", "the network's own outside address: forwards lead to their guests, nothing else is there"),
        Destiny.SharedAddress => new("shared", "the host's address that the network shares: forwards lead to their guests, the rest to the "
            + "host itself"),
        Destiny.Host => new("host", HostItself),
        Destiny.NoRoute => new("no-route", $"nowhere: {outside.Obstacle ?? "the way that the file names does not lead there"}"),
        Destiny.Out => Out(destined.Way!, destined.Next, to, outside, now),
        Destiny.Asked => Asked(outside.Ask!, to, now),
        var unknown => throw new InvalidOperationException($"{unknown} is nothing that becomes of a packet"),
    };

    private static Said Out(Outside way, Ipv4Address next, Ipv4Address to, OutsideSnapshot outside, Instant now)
    {
        var known = outside.Ways.FirstOrDefault(one => one.Translator == way.Translator);
        return Out(new(known?.Interface, way.Address, next, known?.Why), to, way.HasLost(next, now));
    }

    private static Said Out(By way, Ipv4Address to, bool isLost, string news = "")
    {
        var next = way.Ipv6Next is { } hop ? $"next hop {hop}" : way.Next == to ? "directly" : $"next hop {way.Next}";
        var text = $"out by {way.Interface} as {way.Address}, {next}{(way.Why is { } why ? $" ({why})" : "")}";
        return isLost ? new("unreachable", $"{text}, which does not answer (ARP)", way) : new("out", text + news, way);
    }

    private static Said Asked(Func<Ipv4Address, LedTo> ask, Ipv4Address to, Instant now)
    {
        LedTo led;
        try
        {
            led = ask(to);
        }
        catch (SystemCallException e)
        {
            return new("no-route", $"nowhere: {e.Message}");
        }
        var answer = led.Answer;
        var way = new By(led.Interface, answer.Source, answer.Gateway ?? to, led.Why, answer.Ipv6Gateway);
        return answer.Verdict switch
        {
            RouteVerdict.Out when answer.Source is null => new("no-route", "nowhere: the host has no address for that way"),
            RouteVerdict.Out when led.IsRefused => new("no-route", $"nowhere: the host's routing leads by {way.Interface} as {way.Address} "
                + $"({way.Why}), which can't be taken; the log says why"),
            RouteVerdict.Out => Out(way, to, led.Way?.HasLost(way.Next!.Value, now) == true,
                led.Way is null ? "; that way is opened when a packet comes" : ""),
            RouteVerdict.Host when led.Way is null => new("no-route", "nowhere: an address of the host, to which no way is open"),
            RouteVerdict.Host when led.IsLocalElsewhere => new("no-route", "nowhere: the host's routing has it as local in another table "
                + "than local, or in one of too many routes (ip route show table all type local)"),
            RouteVerdict.Host => new("host", HostItself),
            RouteVerdict.Unreachable => Refused("unreachable", "the host's routing says unreachable", led.Why, "the guest is told"),
            RouteVerdict.Prohibited => Refused("prohibited", "the host's routing prohibits it", led.Why, "the guest is told"),
            RouteVerdict.Blackhole => Refused("blackhole", "a blackhole of the host's routing", led.Why, "nobody is told"),
            RouteVerdict.NoRoute when led.RulesLookAtPorts => new("no-route", "nowhere: the host has rules that look at ports, protocols "
                + "or a type of service (ip rule), so a destination has no one way"),
            RouteVerdict.NoRoute => Refused("no-route", "the host has no route", led.Why, "the guest is told"),
            RouteVerdict.NotForGuests => new("no-route", "nowhere: the host's routing has a broadcast, a group, or an encapsulation "
                + "for it"),
            var unknown => throw new InvalidOperationException($"{unknown} is no verdict of routing"),
        };
    }

    private static Said Refused(string verdict, string says, string? why, string isTold) =>
        new(verdict, $"nowhere: {says}{(why is null ? "" : $" ({why})")}, and {isTold}", new(null, null, null, why));

    private readonly record struct By(
        string? Interface, Ipv4Address? Address, Ipv4Address? Next, string? Why, Ipv6Address? Ipv6Next = null);

    private readonly record struct Said(string Verdict, string Text, By Way = default);
}

using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>What the host's rules say, and what it says for who only asks.</summary>
internal sealed partial class HostRouting
{
    private const string RulesLookAtPorts = "the host has rules that look at ports, protocols or a type of service (ip rule): "
        + "a destination has no one way, so nothing of the guests leaves; name the interface: in outside, or write those rules otherwise";

    private const string RulesAreGone = "no rule of the host's looks at ports, protocols or a type of service any more: "
        + "guests' packets leave again, as its routing says";

    /// <summary>Asks for one destination as for a packet, and changes nothing. Any thread may ask; it waits for the answer.</summary>
    /// <exception cref="SystemCallException">The kernel couldn't be asked: a packet would be dropped.</exception>
    public LedTo Explain(Ipv4Address destination)
    {
        var led = default(LedTo);
        _loop.Invoke(() =>
        {
            Hear();
            var answer = Question(destination);
            if (answer.Verdict == RouteVerdict.Host)
            {
                led = new(answer, _toHost);
                return;
            }
            if ((_rules & RuleSelectors.Transport) != 0)
            {
                led = new(new(RouteVerdict.NoRoute), RulesLookAtPorts: true);
                return;
            }
            var key = new WayKey(answer.Interface, answer.Source ?? default);
            led = new(answer, _ways.GetValueOrDefault(key), answer.Table == 0 ? null : Reasons.Rules.Describe(answer.Table),
                IsRefused: _refused.ContainsKey(key));
        });
        return led is { Answer.Table: 0, RulesLookAtPorts: false } ? led with { Why = WhyRefused(destination, led.Answer) } : led!;
    }

    /// <summary>Why nothing of the guests leaves, whatever the routes say; null: nothing keeps it. For any thread.</summary>
    public string? Obstacle => (_rules & RuleSelectors.Transport) != 0 ? RulesLookAtPorts : null;

    /// <summary>The host may have hundreds of thousands of routes to look through: packets don't wait for that.</summary>
    private static string? WhyRefused(Ipv4Address destination, in RouteAnswer answer)
    {
        using var own = new RouteLookup();
        return own.WhyRefused(destination, answer.Verdict);
    }

    private void ReadRules()
    {
        try
        {
            Learn(_lookup.Rules());
        }
        catch (SystemCallException e)
        {
            // Nobody knows what they look at, so nothing leaves.
            _rules = RuleSelectors.Transport;
            Tell(e);
        }
        TellRules();
    }

    private void Learn(RoutingRules rules) => (_rules, Reasons.Rules) = (rules.LookAt, rules);

    private void TellRules()
    {
        var looks = (_rules & RuleSelectors.Transport) != 0;
        if (looks == _isToldOfRules)
            return;
        _isToldOfRules = looks;
        _running.Log.News(_subject, looks ? LogLevel.Warning : LogLevel.Info, looks ? RulesLookAtPorts : RulesAreGone);
    }
}

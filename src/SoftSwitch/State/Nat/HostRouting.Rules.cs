using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>What the host's rules say.</summary>
internal sealed partial class HostRouting
{
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
        const string transport = "the host has rules that look at ports, protocols or a type of service (ip rule): "
            + "a destination has no one way, so nothing of the guests leaves; "
            + "name the interface: in outside, or write those rules otherwise";
        var looks = (_rules & RuleSelectors.Transport) != 0;
        if (looks && !_isToldOfRules)
            _running.Log.News(_subject, LogLevel.Warning, transport);
        _isToldOfRules = looks;
    }
}

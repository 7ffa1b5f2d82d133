using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>Whether an outside address of our own is free on its link: no other switch on this machine has claimed it, and nobody on the
/// link answers for it. It is asked before the address is used there the first time; what we have had is defended. Used by the control
/// loop alone.</summary>
/// <param name="from">What the program before this one has left in this process.</param>
internal sealed class OwnAddress(Inheritance from) : IDisposable
{
    private readonly RetryPace _pace = new();
    private AddressProbe? _probe;
    private AddressClaim? _claim;
    private (int Index, Ipv4Address Address) _claimed, _asked, _had;
    private string? _obstacle;

    /// <summary>It is asked, or somebody else has it: what was refused is to be tried again.</summary>
    public bool IsAwaited { get; private set; }

    /// <param name="link">Where it is.</param>
    /// <param name="mac">Ours.</param>
    /// <param name="milliseconds">How long the answer is waited for.</param>
    /// <param name="taken">That somebody has it, and who; null: nobody, or the answer isn't there yet.</param>
    /// <exception cref="Linux.SystemCallException">Another switch has it, or it can't be asked.</exception>
    public bool IsFree(OutsideLink link, MacAddress mac, int milliseconds, out string? taken)
    {
        var of = (link.Index, link.Address);
        taken = null;
        IsAwaited = of != _had;
        if (!IsAwaited)
            return true;
        Claim(link);
        if (_asked != of)
            (_probe, _obstacle) = (null, null);
        if (_probe is null && (_obstacle is null || Environment.TickCount64 >= _pace.Next))
            (_probe, _asked) = (AddressProbe.Begin(link.Interface, link.Index, mac, link.Address), of);
        taken = _obstacle;
        if (_probe?.Wait(milliseconds, out var taker) != true)
            return false;
        _probe = null;
        if (taker is null)
        {
            (_had, _obstacle, taken, IsAwaited) = (of, null, null, false);
            _pace.Restart();
            return true;
        }
        _pace.Failed(Environment.TickCount64);
        _obstacle = taken = $"{link.Address} is taken on the link of {link.Interface}, by {taker}";
        return false;
    }

    /// <summary>It is nothing to us any more: before it is used again, it is asked.</summary>
    public void Forget()
    {
        Dispose();
        (_probe, _obstacle, _asked, _had, _claimed, IsAwaited) = (null, null, default, default, default, false);
        _pace.Restart();
    }

    /// <summary>Keeps it from other switches, which would answer for it as well.</summary>
    private void Claim(OutsideLink link)
    {
        if (_claim is not null && _claimed == (link.Index, link.Address))
            return;
        Dispose();
        _claim = AddressClaim.Take(link.Interface, link.Index, link.Address, from);
        _claimed = (link.Index, link.Address);
    }

    /// <summary>The program before this one has had it in this process: it is defended, and nobody is asked.</summary>
    public void Inherit(OutsideLink link)
    {
        Claim(link);
        _had = (link.Index, link.Address);
    }

    /// <summary>Has it kept from other switches until the program that goes on in this process does that.</summary>
    public void Hold(Inheritance heir) => _claim?.Hold(heir);

    public void Dispose()
    {
        _claim?.Dispose();
        _claim = null;
    }
}

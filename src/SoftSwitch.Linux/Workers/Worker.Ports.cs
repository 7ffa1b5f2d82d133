using System.Diagnostics;
using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Linux.Workers;

/// <summary>The ports that it receives from: they come, go, and are handed to another worker. The control plane calls.</summary>
public sealed partial class Worker
{
    /// <summary>Ports that the worker receives from, for whoever spreads them. Written by the control plane alone.</summary>
    public int PortCount { get; private set; }

    /// <summary>Begins to receive from a port.</summary>
    /// <param name="port">The port.</param>
    /// <param name="member">The network that its frames are in.</param>
    public void Add(DevicePort port, Membership member)
    {
        PortCount++;
        Receive(port, member);
    }

    /// <summary>From here on the frames of a port are in another network. When this returns, what it has brought before is where it was to
    /// go, and nothing of it is lost.</summary>
    /// <param name="port">The port.</param>
    /// <param name="member">Its place there.</param>
    public void Replug(DevicePort port, Membership member) => PostAndWait(() =>
    {
        if (_ports.Of(port) is not { } source)
            return;
        Finish(source);
        source.Member = member;
    });

    /// <summary>Another worker receives from a port from here on. One of the two does at any time, and the other begins when this one has
    /// sent what it had received: nothing is lost, and nothing overtakes.</summary>
    public void HandOver(DevicePort port, Worker other)
    {
        PortCount--;
        Membership? member = null;
        PostAndWait(() =>
        {
            // One that can't go on has left, and the control plane hears of it.
            if (_ports.Of(port) is not { } source)
                return;
            Finish(source);
            _ports.Remove(port);
            _ready.Remove(source);
            member = source.Member;
        });
        port.DescriptorsChanged = null;
        other.PortCount++;
        if (member is not null)
            other.Receive(port, member);
    }

    /// <summary>Ends receiving from a port. When this returns, the worker's turn has ended and it holds nothing of the port.</summary>
    public void Remove(DevicePort port)
    {
        PortCount--;
        port.DescriptorsChanged = null;
        PostAndWait(() =>
        {
            if (_ports.Remove(port) is { } source)
                Drop(source);
        });
    }

    private void Receive(DevicePort port, Membership member)
    {
        port.DescriptorsChanged = () => PostAndWait(() => Of(port, () => _ports.Renew(port)));
        Post(() => Of(port, () => _ports.Add(new(port, member, e => Fail(port, e)))));
    }

    /// <summary>What a port has brought and rests is sent now.</summary>
    private void Finish(Source source)
    {
        if (source.Passage is null)
            return;
        _ready.Remove(source);
        if (Complete(source))
            // There may be more of it.
            _ready.Wake(source);
    }

    /// <returns>False: it had nothing, or can't go on.</returns>
    private bool Complete(Source source)
    {
        if (source.Passage is not { } passage)
            return false;
        _clock = Stopwatch.GetTimestamp();
        try
        {
            while (!passage.Continue(int.MaxValue))
            {
            }
        }
        catch (Exception e)
        {
            Fail(source, passage, e);
            return false;
        }
        Call(passage);
        _passages.End(source, passage);
        return true;
    }

    /// <summary>The worker doesn't receive from it any more: what it has brought and rests goes no further.</summary>
    private void Drop(Source source)
    {
        _ready.Remove(source);
        if (source.Passage is not { } passage)
            return;
        passage.Abort();
        Call(passage);
        _passages.End(source, passage);
    }
}

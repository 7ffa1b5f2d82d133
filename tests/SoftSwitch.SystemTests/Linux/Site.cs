using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>What an endpoint finds around it, without a loop: news is read when the test says so.</summary>
internal sealed class Site : IDescriptorWatch
{
    private readonly Dictionary<int, Action> _handlers = [];

    internal Site() => Endpoint = new(1, this, new(this, _ => { }, Failed.Add), () => { }, () => { });

    internal EndpointSite Endpoint { get; }

    /// <summary>What listeners threw.</summary>
    internal List<Exception> Failed { get; } = [];

    /// <summary>Descriptors that are watched.</summary>
    internal int Watched => _handlers.Count;

    /// <summary>Reads all news there is.</summary>
    internal void ReadNews()
    {
        foreach (var ready in _handlers.Values.ToArray())
            ready();
    }

    public void Watch(int fd, Action ready) => _handlers.Add(fd, ready);

    public void Unwatch(int fd) => _handlers.Remove(fd);
}

using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace SoftSwitch.Api;

/// <summary>A connection that has a place until nothing of it is left: what was written last may still be on its way, to a peer that
/// doesn't read.</summary>
internal sealed class PlacedConnection : ConnectionContext
{
    private readonly ConnectionContext _inner;
    private readonly UserPlace _place;

    public PlacedConnection(ConnectionContext inner, UserPlace place)
    {
        (_inner, _place) = (inner, place);
        Features.Set(place);
        Transport = new PatientTransport(inner, inner.Transport);
    }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _inner.Features;

    public override IDictionary<object, object?> Items
    {
        get => _inner.Items;
        set => _inner.Items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _inner.Transport;
        set => _inner.Transport = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override void Abort(ConnectionAbortedException abortReason) => _inner.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        using var placed = _place;
        using var patience = new CancellationTokenSource(PatientWriter.Patience);
        using var end = patience.Token.Register(() => _inner.Abort(new("the peer does not read")));
        await _inner.DisposeAsync();
    }
}

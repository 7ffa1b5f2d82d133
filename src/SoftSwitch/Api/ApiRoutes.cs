using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SoftSwitch.Api.Views;
using SoftSwitch.Config;
using SoftSwitch.Packets;

namespace SoftSwitch.Api;

/// <summary>
/// Every path of the API and what answers it. `openapi.json` beside this file describes the same; a test holds the two together.
/// Plain request delegates: there is nothing to bind but a query, and what is unknown in it must be refused.
/// </summary>
internal static class ApiRoutes
{
    /// <summary>Adds the routes to a listener.</summary>
    public static void Map(IEndpointRouteBuilder routes, ISwitchView view)
    {
        Get(routes, "/v1/status", context => Alone(context, view.Status(), ApiJson.Default.StatusView));
        Get(routes, "/v1/networks", context => Json(context, Networks(context, view), ApiJson.Default.PageViewNetworkView));
        Get(routes, "/v1/ports", context => Json(context, Ports(context, view), ApiJson.Default.PageViewPortView));
        Get(routes, "/v1/fdb", context => Json(context, Fdb(context, view), ApiJson.Default.PageViewFdbEntryView));
        Get(routes, "/v1/flows", context => Json(context, Flows(context, view), ApiJson.Default.PageViewFlowView));
        Get(routes, "/v1/neighbors", context => Json(context, Neighbors(context, view), ApiJson.Default.PageViewNeighborView));
        Get(routes, "/v1/forwards", context => Json(context, Forwards(context, view), ApiJson.Default.PageViewForwardView));
        Get(routes, "/v1/drops", context => Json(context, Drops(context, view), ApiJson.Default.PageViewDropView));
        Get(routes, "/v1/config", context =>
        {
            ListQuery.RefuseUnknown(context.Request.Query);
            return Text(context, Encoding.UTF8.GetBytes(view.ConfigJson()));
        });
        Get(routes, "/openapi.json", context =>
        {
            ListQuery.RefuseUnknown(context.Request.Query);
            return Text(context, OpenApiDocument.Utf8());
        });
    }

    private static void Get(IEndpointRouteBuilder routes, string path, RequestDelegate answer) =>
        routes.MapMethods(path, [HttpMethods.Get], answer);

    private static PageView<NetworkView> Networks(HttpContext context, ISwitchView view) =>
        Paging.Page(view.Networks(), network => network.Name, ListQuery.Read(context.Request.Query));

    private static PageView<PortView> Ports(HttpContext context, ISwitchView view)
    {
        var query = ListQuery.Read(context.Request.Query, "network");
        var network = ExistingNetwork(query, view);
        return Paging.Page(view.Ports().Where(port => network is null || port.Network == network), port => port.Name, query);
    }

    private static PageView<FdbEntryView> Fdb(HttpContext context, ISwitchView view)
    {
        var query = ListQuery.Read(context.Request.Query, "network", "port");
        var piece = new FdbQuery(ExistingNetwork(query, view), ExistingPort(query, view, Gateways(view)), FdbCursor(query.Cursor), query.Limit + 1);
        return Paging.Cut(view.Fdb(piece), entry => $"{entry.Network}/{entry.Mac}", query.Limit);
    }

    /// <summary>A page may have fewer items than were asked for and a next one all the same: a filter that finds little must not make one request walk millions.</summary>
    private static PageView<FlowView> Flows(HttpContext context, ISwitchView view)
    {
        var query = ListQuery.Read(context.Request.Query, "network", "protocol", "inside");
        var piece = view.Flows(new(ExistingNetwork(query, view), Protocol(query), Inside(query), FlowCursor(query.Cursor), query.Limit));
        return new(piece.Items, piece.Next?.ToString(CultureInfo.InvariantCulture));
    }

    private static PageView<NeighborView> Neighbors(HttpContext context, ISwitchView view)
    {
        var query = ListQuery.Read(context.Request.Query, "network");
        var network = ExistingNetwork(query, view);
        return Paging.Page(view.Neighbors().Where(neighbor => network is null || neighbor.Network == network),
            neighbor => $"{neighbor.Network}/{Ipv4Address.Parse(neighbor.Address).Value:x8}", query);
    }

    private static PageView<ForwardView> Forwards(HttpContext context, ISwitchView view)
    {
        var query = ListQuery.Read(context.Request.Query, "network");
        var network = ExistingNetwork(query, view);
        return Paging.Page(view.Forwards().Where(forward => network is null || forward.Network == network),
            forward => $"{forward.Network}/{OrderOf(forward.From)}", query);
    }

    /// <summary>By protocol, then by the number of the first port.</summary>
    private static string OrderOf(string from)
    {
        var (slash, hyphen) = (from.IndexOf('/'), from.IndexOf('-'));
        return $"{from[..slash]}/{from[(slash + 1)..(hyphen < 0 ? from.Length : hyphen)].PadLeft(5, '0')}";
    }

    private static PageView<DropView> Drops(HttpContext context, ISwitchView view)
    {
        var query = ListQuery.Read(context.Request.Query, "port");
        var drops = view.Drops();
        // Stations of ours drop packets too, and ports that nobody configured.
        var port = ExistingPort(query, view, Gateways(view).Concat(drops.Select(drop => drop.Port)));
        return Paging.Page(drops.Where(drop => port is null || drop.Port == port),
            drop => $"{drop.Port}/{drop.Direction}/{drop.Reason}", query);
    }

    private static FdbKey? FdbCursor(string? cursor)
    {
        if (cursor is null)
            return null;
        var slash = cursor.LastIndexOf('/');
        return slash > 0 && MacAddress.TryParse(cursor.AsSpan(slash + 1), null, out var mac)
            ? new(cursor[..slash], mac)
            : throw BadCursor();
    }

    private static long FlowCursor(string? cursor) =>
        cursor is null ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && from > 0 ? from
        : throw BadCursor();

    private static ProblemException BadCursor() => new(StatusCodes.Status400BadRequest, "cursor takes what an earlier page gave as next");

    private static string? Protocol(ListQuery query) =>
        query["protocol"] is null or "tcp" or "udp" or "icmp"
            ? query["protocol"]
            : throw new ProblemException(StatusCodes.Status400BadRequest, "protocol is tcp, udp or icmp");

    private static Ipv4Address? Inside(ListQuery query) =>
        query["inside"] is not { } text ? null
        : Ipv4Address.TryParse(text, out var address) ? address
        : throw new ProblemException(StatusCodes.Status400BadRequest, "inside is an IPv4 address such as 10.10.0.5");

    private static string? ExistingNetwork(ListQuery query, ISwitchView view) =>
        query["network"] is not { } name || view.Networks().Any(network => network.Name == name)
            ? query["network"]
            : throw Nobody("network", name, view.Networks().Select(network => network.Name));

    /// <param name="others">What the list names beside ports.</param>
    private static string? ExistingPort(ListQuery query, ISwitchView view, IEnumerable<string> others)
    {
        if (query["port"] is not { } name)
            return null;
        List<string> names = [.. view.Ports().Select(port => port.Name).Concat(others).Distinct()];
        return names.Contains(name) ? name : throw Nobody("port", name, names);
    }

    /// <summary>Networks' own ends, which lists name as they name ports.</summary>
    private static IEnumerable<string> Gateways(ISwitchView view) =>
        view.Networks().Where(network => network.Mode == "nat").Select(network => $"{network.Name}.gateway");

    private static ProblemException Nobody(string what, string name, IEnumerable<string> names) => new(StatusCodes.Status404NotFound,
        $"there is no {what} {Shown.Quote(name)}{NearestWord.Question(name, names.Order(StringComparer.Ordinal))}");

    private static Task Alone<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        ListQuery.RefuseUnknown(context.Request.Query);
        return Json(context, value, type);
    }

    private static Task Json<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        Text(context, JsonSerializer.SerializeToUtf8Bytes(value, type));

    private static async Task Text(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}

using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;

namespace SoftSwitch.Api;

/// <summary>What every request must keep to, before anything is done for it.</summary>
internal static class RequestRules
{
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        var admission = context.Features.Get<PeerAdmission>();
        if (admission is not { Admitted: true })
            throw Closing(context, StatusCodes.Status403Forbidden, admission?.Reason ?? "this connection was not admitted");
        var request = context.Request;
        if (request.ContentLength > ProgramLimits.RequestBody.Most)
            throw Closing(context, StatusCodes.Status413PayloadTooLarge,
                $"a body may have {ProgramLimits.RequestBody.Most} bytes, this one has {request.ContentLength}");
        if (HttpMethods.IsGet(request.Method) && (request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0))
            throw Closing(context, StatusCodes.Status400BadRequest, "GET takes no body");
        return next(context);
    }

    // What the client is still sending would have to be read to get at its next request.
    private static ProblemException Closing(HttpContext context, int status, string detail)
    {
        context.Response.Headers.Connection = "close";
        return new(status, detail);
    }
}

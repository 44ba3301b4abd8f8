# The agent of one site. Build: docker build -t groundswell .
# Run:   docker run --network host -v /etc/groundswell:/etc/groundswell:ro -v groundswell:/var/lib/groundswell groundswell

FROM debian:12-slim AS install
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates npm \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/groundswell
COPY package.json package-lock.json .npmrc LICENSE ./
RUN npm ci --omit=dev && npm cache clean --force
COPY bin bin
COPY protocols protocols
COPY firmware firmware
COPY store store
COPY agent agent

FROM debian:12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/groundswell --create-home --shell /usr/sbin/nologin groundswell \
 && install -d -o groundswell -g groundswell /run/groundswell
COPY --from=install /opt/groundswell /opt/groundswell
RUN ln -s /opt/groundswell/bin/groundswell /usr/local/bin/groundswell
USER groundswell
VOLUME /var/lib/groundswell
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["groundswell", "status", "--quiet"]
ENTRYPOINT ["groundswell"]
CMD ["run", "--config", "/etc/groundswell/config.yaml"]
